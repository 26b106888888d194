"""All forms beside one another: each is known by its own header, read by its own labels, and sent by whom it is asked of."""

import pytest
from inprocess import TERMS
from office import draw_rows, office

from pipelines.collect.containers import Container, Sheet, open_container
from pipelines.collect.identify import identify
from pipelines.collect.signals import signals_of
from pipelines.collect.table import read_table
from pipelines.forms.model import Form
from pipelines.forms.template import FIRST_INPUT_ROW, column_title, render_template

FORMS = list(TERMS.forms.values())
EVERY = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.form)
MONTH = "2022-09"


def key(container: Container, name: str = "submissions/报表.xlsx") -> tuple[object, ...]:
    found = identify(signals_of(container, TERMS.forms, TERMS.units), name, TERMS.forms, TERMS.units)
    return found.form, found.reporting_unit_id, found.month, found.problem


def table_of(form: Form, labels: list[str], unit: str = "宛城区") -> Container:
    """A table of a county's own, that says neither its form nor anything hidden."""
    return Container("xlsx", [Sheet("Sheet1", [[f"填报单位：{unit}", None, "2022年9月"], labels, [None] * len(labels)])])


@EVERY
def test_a_form_is_known_by_its_labels_alone(form):
    assert key(table_of(form, [field.label for field in form.fields])) == (form.form, "411302", MONTH, None)
    assert key(table_of(form, [column_title(field) for field in form.fields])) == (form.form, "411302", MONTH, None)


@EVERY
def test_a_form_is_known_by_what_its_columns_are_called_otherwise(form):
    assert key(table_of(form, [field.aliases[-1] if field.aliases else field.label for field in form.fields]))[0] == form.form


@EVERY
def test_a_template_that_lost_what_is_hidden_in_it_is_known_by_its_header(form):
    container = open_container(render_template(form, TERMS.units["411302"], MONTH, rows=[], codes=TERMS.code_lists))
    bare = Container("xlsx", [Sheet(sheet.name, sheet.rows) for sheet in container.sheets if not sheet.is_hidden][:1])
    assert key(bare)[0] == form.form


@EVERY
@pytest.mark.parametrize("otherwise", [False, True], ids=["labels", "aliases"])
def test_every_column_is_read_by_each_of_its_labels(form, otherwise):
    labels = [field.aliases[-1] if otherwise and field.aliases else field.label for field in form.fields]
    rows = draw_rows(office(3).rng, form)
    content = render_template(form, TERMS.units["411302"], MONTH, rows=rows, codes=TERMS.code_lists)
    [sheet, *_] = open_container(content).sheets
    own = Container("xlsx", [Sheet("表", [labels, *(row for row in sheet.rows[FIRST_INPUT_ROW - 1 :] if any(row))])])
    table = read_table(own, form, MONTH, TERMS.code_lists)
    assert [each.rule_id for each in table.problems if each.severity != "info"] == []
    assert [dict(zip(table.columns, values, strict=True)) for values in zip(*table.columns.values(), strict=True)] == rows


def test_the_quarter_the_year_to_date_and_the_stock_are_three_columns():
    """累计 belongs to one label; over another it makes it a quantity that the form does not ask for."""
    form = TERMS.forms["association_work"]
    rows = [["工作项目", "新增数", None, "季末总数"], [None, "本季数", "本年累计数", None], ["学会服务站", 2, 9, 40]]
    table = read_table(Container("xlsx", [Sheet("表", rows, merged=[(0, 1, 0, 2)])]), form, MONTH, TERMS.code_lists)
    assert [table.columns[name][0] for name in ("item_count", "item_count_ytd", "item_total")] == [2, 9, 40]
    rows = [["工作项目", "本年累计", None], [None, "本季参加人数", "本季参加人次"], ["学术交流活动", 20, 90]]
    shifted = read_table(Container("xlsx", [Sheet("表", rows, merged=[(0, 1, 0, 2)])]), form, MONTH, TERMS.code_lists)
    assert not shifted.row_numbers or shifted.columns.get("participants") in (None, [None])


@pytest.mark.parametrize(
    ("written", "unit_id"),
    [
        ("南阳市科学技术局", "411300-KJJ"), ("市科技局", "411300-KJJ"), ("科技局", "411300-KJJ"), ("南阳市科协", "411300-KX"),
        ("南阳市统计局", "411300-TJJ"), ("统计局", "411300-TJJ"), ("南阳市市场监督管理局", "411300-SJJ"),
        ("宛城区科技局", "411302"), ("宛城区统计局", "411302"), ("邓州市科学技术局", "411381"), ("邓州市科协", "411381"),
        ("南阳市宛城区科技局", "411302"), ("西峡县科学技术协会", "411323"), ("高新区科技局", "411371"),
        ("宛城区财政局", "411302"), ("南召县市场监管局", "411321"), ("宛城区工业和信息化局", "411302"),
        ("卧龙区教育局", "411303"), ("唐河县工商联", "411328"), ("镇平县人力资源和社会保障局", "411324"),
    ],
)  # fmt: skip
def test_a_countys_bureau_is_never_the_citys(written, unit_id):
    """In a title, after 填报单位, and in the name of the file."""
    form = TERMS.forms["association_work"]
    labels = [field.label for field in form.fields]
    assert key(table_of(form, labels, written))[1] == unit_id
    named = identify(None, f"submissions/科协工作季报_{written}_2022-09.xlsx", TERMS.forms, TERMS.units)
    assert (named.reporting_unit_id, named.problem) == (unit_id, None)


@pytest.mark.parametrize("office", ["科技局", "统计局", "财政局", "教育局", "市场监管局"])
def test_a_bureau_without_its_place_is_the_countys_where_a_county_is_named(office):
    labels = [field.label for field in TERMS.forms["association_work"].fields]
    table = table_of(TERMS.forms["association_work"], labels, office)
    assert key(table, "submissions/宛城区/报表.xlsx") == ("association_work", "411302", MONTH, None)
    assert key(table, "submissions/科协工作季报_宛城区_2022-09.xlsx")[1:] == ("411302", MONTH, None)
    assert key(table_of(TERMS.forms["association_work"], labels), f"submissions/{office}.xlsx")[1:] == ("411302", MONTH, None)
    of_city = table_of(TERMS.forms["association_work"], labels, f"市{office}")
    assert "说法不一致" in key(of_city, "submissions/宛城区/报表.xlsx")[3]
