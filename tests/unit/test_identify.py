"""Identify: which form, unit and month a file belongs to, by what it states, its name, its header and its titles."""

import json
import pickle
from dataclasses import asdict
from datetime import date, datetime
from time import perf_counter

import pytest

from pipelines.collect.containers import Container, Sheet, open_container
from pipelines.collect.headers import HEAD_ROWS
from pipelines.collect.identify import identify
from pipelines.collect.signals import Signals, signals_of
from pipelines.forms.identity import GUIDE_SHEET, METADATA_KEYS, METADATA_SHEET, PRACTICE_BANNER, PROPERTY_PREFIX
from pipelines.forms.model import load_forms
from pipelines.forms.reporting_units import Alias, ReportingUnit, load_reporting_units
from pipelines.forms.seeds import load_code_lists
from pipelines.forms.template import render_template
from pipelines.settings import Settings

SEEDS = Settings().seeds
FORMS = load_forms()
UNITS = load_reporting_units(SEEDS)
EVENTS, CONTRACTS, ENTERPRISES = "popular_science_events", "technical_contracts", "high_tech_enterprises"
STATED = {"form": EVENTS, "reporting_unit_id": "411302", "month": "2022-10"}
UNITS_BY_NAME = [
    (alias.name, unit.reporting_unit_id, f"{alias.valid_from:%Y-%m}" if alias.valid_from else "2022-10")
    for unit in UNITS.values()
    for alias in unit.names
]
SAYS_ALL = "submissions/科普活动月报_宛城区_2022-10.xlsx"
SAYS_NOTHING = "submissions/报表.xlsx"


def labels(form):
    return [each.label for each in FORMS[form].fields]


def table(*titles, form=EVENTS, name="表", body=()):
    """A sheet with rows of title above the header of a form; a title that is no list is a row of one cell."""
    rows = [title if isinstance(title, list) else [title] for title in titles]
    return Sheet(name, [*rows, labels(form), *body])


def says(*sheets, metadata=None, properties=None):
    hidden = [Sheet(METADATA_SHEET, [list(pair) for pair in metadata.items()], is_hidden=True)] if metadata else []
    named = {PROPERTY_PREFIX + key: value for key, value in (properties or {}).items()}
    return signals_of(Container("xlsx", [*sheets, *hidden], properties=named), FORMS, UNITS)


def found(file_name, *sheets, metadata=None, properties=None):
    return identify(says(*sheets, metadata=metadata, properties=properties), file_name, FORMS, UNITS)


def key(identity):
    return identity.form, identity.reporting_unit_id, identity.month, identity.problem


def named(name):
    return identify(None, name, FORMS, UNITS)


class TestUnits:
    def test_a_dated_alias_holds_from_its_month_on_and_not_before(self):
        zone = UNITS["4113Z2"]
        assert zone.answers_to("职教园区", "2023-02") and not zone.answers_to("职教园区", "2023-01")
        assert zone.answers_to("鸭河工区", "2022-10") and not zone.answers_to("官庄工区", "2022-10")

    def test_an_alias_holds_in_every_month_it_has_a_day_in(self):
        alias = Alias(name="x", valid_from=date(2022, 3, 31), valid_to=date(2022, 5, 1))
        assert [month for month in ("2022-02", "2022-03", "2022-05", "2022-06") if alias.holds_in(month)] == [
            "2022-03",
            "2022-05",
        ]

    def test_aliases_are_still_to_be_had_as_plain_names(self):
        assert UNITS["411371"].aliases == ("高新区", "南阳高新区")
        assert UNITS["411300-KJJ"].aliases == ("南阳市科学技术局", "市科学技术局", "科技局")


class TestFileName:
    @pytest.mark.parametrize("file_name", ["submissions/科普活动月报_{}_{}.xlsx", "submissions/{}/科普活动月报（{}）.csv"])
    @pytest.mark.parametrize(("name", "unit_id", "month"), UNITS_BY_NAME)
    def test_every_name_of_every_unit_is_known(self, name, unit_id, month, file_name):
        assert key(named(file_name.format(name, month))) == (EVENTS, unit_id, month, None)

    @pytest.mark.parametrize(
        "name",
        [
            "submissions/宛城区/科普活动月报_411302_2022-10.csv",
            "submissions/popular_science_events_宛城_2022年10月.csv",
            "submissions/2022-10/宛城区_科普活动月报.csv",
            "submissions/宛城区2022年10月/宛城区 科普活动月报 202210.csv",
            "submissions/南阳市宛城区2022年10月科普活动月报.xls",
            "submissions/科普活动_宛城区_2022.10",
            "submissions/科普活动月报 宛 城 区 2022-10.xlsx",
            "submissions/终稿宛城区科普活动月报2022-10.xlsx",
            "submissions/10月/宛城区2022年科普活动.csv",
        ],
    )
    def test_folder_and_file_name_tell(self, name):
        assert key(named(name)) == (EVENTS, "411302", "2022-10", None)

    @pytest.mark.parametrize("end", ["_第2次", "(1)", "（2）", "-终稿", "修改", " - 副本", "_修改稿2", "宛城区科技局"])
    def test_what_is_added_at_the_end_of_a_name_changes_nothing(self, end):
        assert key(named(f"submissions/科普活动月报_宛城区_2022-10{end}.xlsx")) == (EVENTS, "411302", "2022-10", None)

    @pytest.mark.parametrize(
        ("written", "month"),
        [
            ("2022-10", "2022-10"), ("2022年10月", "2022-10"), ("202210", "2022-10"), ("2022.10", "2022-10"),
            ("2022_10", "2022-10"),
            ("２０２２年１０月", "2022-10"), ("22年9月", "2022-09"), ("2022年1-10月", "2022-10"), ("二〇二二年十月", "2022-10"),
            ("2022年十月份", "2022-10"), ("2022年十二月", "2022-12"), ("2022年一至十月", "2022-10"), ("2022年九月至十月", None),
            ("2022年十月三十一日", None),
            ("2022-13", None), ("2022年13月", None), ("2022-10-31", None), ("20221105", None), ("2022年9-10月", None),
            ("10月", None),
        ],
    )  # fmt: skip
    def test_months_as_people_write_them(self, written, month):
        assert named(f"submissions/科普活动月报_宛城区_{written}.xlsx").month == month

    @pytest.mark.parametrize(
        "name", ["2022/10月/科普活动月报_宛城区", "2022年/科普活动月报_宛城区_10月", "2022-10/宛城区10月科普活动月报"]
    )
    def test_a_month_takes_its_year_from_the_folder(self, name):
        assert key(named(f"submissions/{name}.csv")) == (EVENTS, "411302", "2022-10", None)

    @pytest.mark.parametrize(
        ("name", "unit_id"),
        [
            ("南阳市宛城区", "411302"), ("河南省南阳市宛城区", "411302"), ("宛城区科技局", "411302"), ("宛城科协", "411302"),
            ("南阳市宛城区科技和工业信息化局", "411302"), ("邓州市教体科技局", "411381"), ("西峡县科工局", "411323"),
            ("市科技局", "411300-KJJ"), ("南阳市科学技术局", "411300-KJJ"), ("市科学技术协会", "411300-KX"),
            ("高新技术产业开发区", "411371"), ("南阳市高新区", "411371"), ("市示范区", "411372"), ("高新区管委会", "411371"),
            ("高新区（南阳高新技术产业开发区）", "411371"), ("411300-kjj", "411300-KJJ"), ("官庄工区", "4113Z1"),
            ("411374", "4113Z2"),
        ],
    )  # fmt: skip
    def test_units_with_what_people_put_before_and_after_them(self, name, unit_id):
        assert key(named(f"submissions/科普活动月报_{name}_2022-10.csv")) == (EVENTS, unit_id, "2022-10", None)

    def test_the_city_is_not_found_inside_the_name_of_a_county(self):
        city = ReportingUnit(
            reporting_unit_id="411300",
            reporting_unit_name="南阳市",
            unit_kind="city",
            area_id="411300",
            dated_aliases=(Alias(name="南阳"),),
        )
        with_city = UNITS | {"411300": city}
        for name in ("南阳市宛城区", "南阳宛城区"):
            assert identify(None, f"submissions/科普活动月报_{name}_2022-10.csv", FORMS, with_city).reporting_unit_id == "411302"
        assert identify(None, "submissions/科普活动月报_南阳_2022-10.csv", FORMS, with_city).reporting_unit_id == "411300"

    @pytest.mark.parametrize("name", ["宛城县", "卧龙保税区", "官庄镇", "唐河高新区", "宛城区东关小区", "唐河技术县"])
    def test_another_place_with_a_known_name_in_it_is_not_that_unit(self, name):
        identity = named(f"submissions/科普活动月报_{name}_2022-10.csv")
        assert identity.reporting_unit_id is None and identity.problem

    def test_a_word_that_only_looks_like_a_place_does_not_hide_the_unit(self):
        assert key(named("submissions/唐河技术市场科普活动2022年10月.csv")) == (EVENTS, "411328", "2022-10", None)

    def test_two_units_run_together_are_both_named(self):
        identity = named("submissions/科普活动月报_南召县鸭河工区_2022-10.csv")
        assert identity.problem == "文件名里不止一个填报单位：南召县、鸭河工区"

    @pytest.mark.parametrize("own", ["我县", "全区"])
    def test_a_unit_speaking_of_its_own_area_is_no_stranger(self, own):
        assert key(named(f"submissions/宛城区/{own}_科普活动月报_2022-10.csv")) == (EVENTS, "411302", "2022-10", None)

    @pytest.mark.parametrize("stranger", ["南阳县", "南阳县科技局", "全市", "411399"])
    def test_a_folder_does_not_cover_up_a_stranger_in_the_file_name(self, stranger):
        identity = named(f"submissions/宛城区/科普活动月报_{stranger}_2022-10.csv")
        assert identity.problem == f"没有名为“{stranger}”的填报单位"

    def test_the_nearest_unit_is_offered_for_a_misspelt_one(self):
        identity = named("submissions/科普活动月报_淅州县_2022-10.csv")
        assert "填报单位 淅川县" in identity.advice

    @pytest.mark.parametrize("stranger", ["南都县", "淅州县", "全市"])
    def test_the_example_never_names_a_unit_that_is_only_similar(self, stranger):
        identity = named(f"submissions/科普活动月报_{stranger}_2022-10.csv")
        assert "科普活动月报_<填报单位>_2022-10.csv" in identity.advice

    @pytest.mark.parametrize(
        ("name", "problem"),
        [
            ("社旗县/科普活动月报_唐河县_2022-10", "填报单位说法不一致：文件夹是“社旗县”，文件名是“唐河县”"),
            ("2022-09/科普活动月报_唐河县_2022-10", "月份说法不一致：文件夹是“2022-09”，文件名是“2022-10”"),
            ("技术合同/科普活动月报_唐河县_2022-10", "报表说法不一致：文件夹是“技术合同登记月报”，文件名是“科普活动月报”"),
        ],
    )
    def test_folder_and_file_name_that_differ_are_not_guessed(self, name, problem):
        assert named(f"submissions/{name}.csv").problem == problem

    def test_a_folder_for_more_than_one_form_says_nothing_about_the_form(self):
        assert named("submissions/技术合同与高企/科普活动月报_唐河县_2022-10.csv").form == EVENTS

    @pytest.mark.parametrize(
        ("name", "missing"),
        [("submissions/报表.csv", "报表、填报单位、月份"), ("submissions/科普活动月报_411302.csv", "月份")],
    )
    def test_what_is_missing_is_named_with_what_it_may_be_and_an_example(self, name, missing):
        identity = named(name)
        assert identity.problem == f"认不出{missing}"
        assert "_宛城区_<年-月>.csv" in identity.advice
        # Of a form that nothing hints at not all there are.
        known = identity.form is not None
        assert identity.advice.startswith("可能是：报表 科普活动月报；" if known else "请把文件名改成")
        assert ("<报表名>_" in identity.advice) is not known

    def test_a_folder_that_disagrees_is_named_as_what_to_mend(self):
        identity = named("submissions/10月/科普活动月报_宛城区_2022-09.csv")
        assert "文件夹是“2022-10”" in identity.problem and "文件夹“10月”" in identity.advice

    def test_the_month_of_a_whole_date_is_only_offered(self):
        identity = named("submissions/科普活动月报_宛城区_2022-11-05.csv")
        assert identity.month is None and "月份 2022-11" in identity.advice

    @pytest.mark.parametrize(
        ("month", "problem"), [("2022-10", "“职教园区”这一名称自 2023-02 起使用，2022-10 应写“鸭河工区”"), ("2023-02", None)]
    )
    def test_a_name_of_another_time_is_a_problem_in_words(self, month, problem):
        assert key(named(f"submissions/科普活动月报_职教园区_{month}.csv")) == (EVENTS, "4113Z2", month, problem)

    def test_a_name_that_ran_out_and_one_that_passed_to_another_unit(self):
        def unit(unit_id, name, **dates):
            return ReportingUnit(
                reporting_unit_id=unit_id, reporting_unit_name=name, unit_kind="county", area_id="x",
                dated_aliases=(Alias(name="老城", **dates),),
            )  # fmt: skip

        units = {"a": unit("a", "甲县", valid_to=date(2022, 6, 30)), "b": unit("b", "乙县", valid_from=date(2022, 9, 1))}
        answers = {
            month: identify(None, f"submissions/科普活动月报_老城_{month}.csv", FORMS, units) for month in ("2022-06", "2022-09")
        }
        assert {month: each.reporting_unit_id for month, each in answers.items()} == {"2022-06": "a", "2022-09": "b"}
        del units["b"]
        late = identify(None, "submissions/科普活动月报_老城_2022-09.csv", FORMS, dict(units))
        assert late.problem == "“老城”这一名称只用到 2022-06，2022-09 应写“甲县”"


class TestMetadata:
    def test_the_metadata_sheet_tells_where_the_name_is_silent(self):
        assert key(found(SAYS_NOTHING, metadata=STATED)) == (EVENTS, "411302", "2022-10", None)

    def test_the_document_properties_tell_where_the_sheet_is_gone(self):
        assert key(found(SAYS_NOTHING, properties=STATED)) == (EVENTS, "411302", "2022-10", None)

    def test_sheet_and_properties_that_differ_are_not_guessed(self):
        identity = found(SAYS_NOTHING, metadata=STATED, properties=STATED | {"month": "2022-09"})
        assert identity.problem == "月份说法不一致：工作簿内是“2022-10”，工作簿属性是“2022-09”"

    def test_properties_of_other_programs_are_not_ours(self):
        container = Container("xlsx", [], properties={"KSOProductBuildVer": "2052", "month": "2022-10"})
        assert signals_of(container, FORMS, UNITS).stated == {}

    @pytest.mark.parametrize(
        ("name", "what"),
        [
            ("科普活动月报_411303_2022-10", "填报单位说法不一致：工作簿内是“宛城区”，文件名是“卧龙区”"),
            ("科普活动月报_宛城区_2022-09", "月份说法不一致：工作簿内是“2022-10”，文件名是“2022-09”"),
            ("技术合同登记月报_宛城区_2022-10", "报表说法不一致：工作簿内是“科普活动月报”，文件名是“技术合同登记月报”"),
            ("科普活动月报_南阳县_2022-10", "没有名为“南阳县”的填报单位"),
        ],
    )
    def test_metadata_and_name_that_disagree_are_not_guessed(self, name, what):
        assert found(f"submissions/{name}.xlsx", metadata=STATED).problem == what

    @pytest.mark.parametrize(
        ("stated", "what"),
        [
            ({"form": "x"}, "没有名为“x”的报表"),
            ({"reporting_unit_id": "411399"}, "没有代码为“411399”的填报单位"),
            ({"month": "2022-13"}, "“2022-13”不是“年-月”"),
        ],
    )
    def test_what_is_stated_and_does_not_exist_is_a_problem(self, stated, what):
        assert found(SAYS_NOTHING, metadata=STATED | stated).problem == what

    def test_stated_values_that_a_program_made_numbers_of_are_the_same(self):
        assert key(found(SAYS_NOTHING, metadata=STATED | {"reporting_unit_id": 411302.0})) == (EVENTS, "411302", "2022-10", None)

    def test_a_blank_in_the_metadata_sheet_states_nothing(self):
        assert key(found(SAYS_ALL, metadata=STATED | {"month": None})) == (EVENTS, "411302", "2022-10", None)

    def test_our_own_template_says_everything_twice_and_agrees_with_itself(self):
        content = render_template(
            FORMS[CONTRACTS], UNITS["4113Z2"], "2022-10", prepared_on=date(2022, 11, 5), codes=load_code_lists(SEEDS)
        )
        signals = signals_of(open_container(content), FORMS, UNITS)
        assert set(signals.stated) == set(METADATA_KEYS) and signals.contradicted == {}
        assert (signals.forms, signals.unit_names, signals.months) == ((CONTRACTS,), ("鸭河工区",), ("2022-10",))
        identity = identify(signals, SAYS_NOTHING, FORMS, UNITS)
        assert key(identity) == (CONTRACTS, "4113Z2", "2022-10", None) and identity.prepared_on == date(2022, 11, 5)
        without = Signals(forms=signals.forms, unit_names=signals.unit_names, months=signals.months, sheets=signals.sheets)
        assert key(identify(without, SAYS_NOTHING, FORMS, UNITS)) == (CONTRACTS, "4113Z2", "2022-10", None)


class TestPractice:
    @pytest.mark.parametrize(
        "name", ["practice/x.csv", "submissions/科普活动月报_411302_2022-10_练习.csv", "submissions/练习/x.csv"]
    )
    def test_by_folder_or_name(self, name):
        assert named(name).is_practice

    def test_a_real_file_is_not_practice(self):
        assert not found(SAYS_ALL, table(FORMS[EVENTS].title), metadata=STATED | {"is_practice": "0"}).is_practice

    @pytest.mark.parametrize("where", ["metadata", "properties"])
    def test_by_what_the_workbook_states(self, where):
        assert found(SAYS_ALL, **{where: {"is_practice": "1"}}).is_practice

    def test_by_the_banner_in_its_title(self):
        assert found(SAYS_ALL, table(f"科普活动月报（{PRACTICE_BANNER}）")).is_practice


class TestHeader:
    @pytest.mark.parametrize("form", list(FORMS))
    def test_a_form_is_known_by_its_header(self, form):
        assert says(table(form=form)).forms == (form,)

    @pytest.mark.parametrize("form", list(FORMS))
    def test_a_form_is_known_by_its_aliases(self, form):
        header = [(each.aliases or (each.label,))[0] for each in FORMS[form].fields]
        assert says(Sheet("表", [header])).forms == (form,)

    def test_labels_compare_without_units_numbering_and_spaces(self):
        assert says(Sheet("表", [["1. 活 动 类 别", "活动方式", "其中：活动次数（次）", "参加人次\n（人次）"]])).forms == (
            EVENTS,
        )

    def test_a_header_over_two_and_three_rows(self):
        two = [["活动类别", "活动方式", "活动规模", None], [None, None, "活动次数", "参加人次"]]
        three = [["活动类别"], [None, "活动方式"], [None, None, "活动次数"], ["科普讲座", "线上", 3, 4]]
        assert says(Sheet("表", two)).forms == says(Sheet("表", three)).forms == (EVENTS,)

    def test_sixty_percent_of_the_required_labels_are_enough_and_less_are_not(self):
        required = [each.label for each in FORMS[CONTRACTS].fields if each.required]
        enough = -(-len(required) * 6 // 10)
        assert says(Sheet("表", [required[:enough]])).forms == (CONTRACTS,)
        assert says(Sheet("表", [required[: enough - 1]])).forms == ()

    @pytest.mark.parametrize("place", [{"is_hidden": True}, {"name": GUIDE_SHEET}])
    def test_hidden_sheets_and_the_guide_say_nothing(self, place):
        sheet = Sheet(**{"name": "表", "rows": table("填报单位：卧龙区").rows} | place)
        assert says(sheet) == Signals()

    def test_a_header_below_the_first_rows_is_not_looked_for(self):
        assert says(Sheet("表", [["说明"]] * HEAD_ROWS + [labels(EVENTS)])).forms == ()

    def test_rows_that_can_be_read_only_once_are_enough(self):
        class Streamed:
            def __iter__(self):
                yield from (["填报单位：宛城区 2022年10月"], labels(EVENTS))
                yield from (["科普讲座", "线上", 1, 2] for _ in range(HEAD_ROWS - 2))
                raise AssertionError("read beyond the head")

        assert key(found(SAYS_NOTHING, Sheet("表", Streamed()))) == (EVENTS, "411302", "2022-10", None)

    def test_a_file_named_for_another_form_is_not_guessed(self):
        identity = found("submissions/高新技术企业证书名册_宛城区_2022-10.xlsx", table(form=CONTRACTS))
        assert identity.problem == "报表说法不一致：文件名是“高新技术企业证书名册”，表头和标题是“技术合同登记月报”"
        assert "报表 高新技术企业证书名册、技术合同登记月报" in identity.advice

    def test_two_forms_that_fit_equally_well_are_both_named(self):
        identity = found("submissions/宛城区_2022-10.xlsx", table(name="a", form=CONTRACTS), table(name="b", form=EVENTS))
        assert identity.problem == "表头和标题里不止一个报表：技术合同登记月报、科普活动月报" and identity.form is None
        assert "工作簿里有几张报表（技术合同登记月报、科普活动月报），请拆成几个文件，一个文件一张报表" in identity.advice
        assert "改标题" not in identity.advice

    def test_one_sheet_that_fits_two_forms_is_not_to_be_split(self):
        identity = found("submissions/宛城区_2022-10.xlsx", Sheet("表", [labels(CONTRACTS) + labels(EVENTS)]))
        assert "不止一个报表" in identity.problem and "拆成" not in identity.advice

    def test_the_name_decides_between_two_forms_in_one_workbook(self):
        assert found(SAYS_ALL, table(name="a", form=CONTRACTS), table(name="b", form=EVENTS)).form == EVENTS

    def test_of_two_forms_the_one_that_fits_better_comes_first_and_is_taken(self):
        drifted = Sheet("a", [labels(ENTERPRISES)[:5]])
        signals = says(drifted, table(name="b", form=EVENTS))
        assert signals.forms == (EVENTS, ENTERPRISES)
        assert identify(signals, "submissions/宛城区_2022-10.xlsx", FORMS, UNITS).form == EVENTS


class TestTitles:
    @pytest.mark.parametrize(
        ("title", "name"),
        [
            ("填报单位：宛城区　　月份：2022年10月　　单位：万元", "宛城区"),
            ("填报单位（盖章）：宛城区科技局 2022年10月", "宛城区科技局"),
            ("报送单位:宛 城 区  填报人：张三", "宛城区"),
            ("县（市、区）：宛城区", "宛城区"),
            ("单位名称：南阳市宛城区；联系电话：0377", "南阳市宛城区"),
            ("填报单位：南阳高新技术产业开发区（公章）填报日期：2022年11月5日", "南阳高新技术产业开发区"),
            (["填报单位：", None, "宛城区", "单位：万元"], "宛城区"),
            (["填报单位", "宛城区"], "宛城区"),
            ("南阳市宛城区2022年10月科普活动月报", "宛城区"),
            ("2022年1—10月科普活动月报（宛城区）", "宛城区"),
        ],
    )
    def test_the_unit_as_written(self, title, name):
        assert says(table(title)).unit_names == (name,)

    @pytest.mark.parametrize(
        "title",
        [
            "单位：万元",
            "南阳市科普活动月报",
            "注：宛城区含官庄工区",
            "注1、宛城区的数据有变动",
            "国家自主创新示范区科普活动",
            "填报范围：宛城区、卧龙区",
        ],
    )
    def test_what_only_looks_like_a_unit(self, title):
        assert says(table(title)).unit_names == ()

    @pytest.mark.parametrize(
        ("title", "months"),
        [
            ("2022年10月科普活动月报", ("2022-10",)),
            ("2022年1—10月科普活动月报", ("2022-10",)),
            ("截至2022年10月31日", ("2022-10",)),
            ("统计时间：2022年10月1日至10月31日", ("2022-10",)),
            ("填报单位：宛城区  填报日期：2022年11月5日", ()),
            ("填报时间：2022年11月", ()),
            (["填报日期：", "2022年11月"], ()),
            ("有效期至：2023年12月", ()),
            ("2021年12月制定", ()),
            (["月份：", datetime(2022, 10, 1)], ("2022-10",)),
            (["月份", 202210], ("2022-10",)),
            (["月份：", 2022.1], ()),
            (["填报日期", datetime(2022, 11, 5)], ()),
            (["2022年", "10月"], ("2022-10",)),
            ("二○二二年十月", ("2022-10",)),
            ("2022年十月份科普活动月报", ("2022-10",)),
            (["2022年", "十月份"], ("2022-10",)),
            ("2022年十月份科普活动月报  填报日期：2022年十一月五日", ("2022-10",)),
            ("填报日期：二〇二二年十一月五日", ()),
            ("2021年十二月制定", ()),
        ],
    )
    def test_the_month_of_a_title_and_not_the_day_it_was_filled_in(self, title, months):
        assert says(table(title)).months == months

    @pytest.mark.parametrize(
        ("name", "months"),
        [("2022年10月", ("2022-10",)), ("2022年1-10月", ("2022-10",)), ("202210", ("2022-10",)), ("Sheet1", ())],
    )
    def test_the_month_of_a_sheet_name(self, name, months):
        assert says(table(name=name)).months == months

    def test_year_and_month_in_different_titles_belong_together_whatever_the_file_name_says(self):
        sheet = table("2022年度科普活动月报", "10月份")
        assert says(sheet).months == ("2022-10",)
        assert "月份说法不一致" in found("submissions/科普活动月报_宛城区_2023-10.xlsx", sheet).problem

    def test_the_month_of_a_title_comes_before_that_of_the_sheet_name(self):
        assert says(table("2022年10月", name="2022年9月")).months == ("2022-10",)

    def test_titles_fill_in_what_nothing_else_says(self):
        identity = found(SAYS_NOTHING, table("2022年10月科普活动月报", "填报单位：宛城区科协"))
        assert key(identity) == (EVENTS, "411302", "2022-10", None)

    def test_a_sheet_named_by_its_month_takes_the_year_of_the_file_name(self):
        assert found("submissions/宛城区2022年科普活动.xlsx", table(name="10月")).month == "2022-10"

    @pytest.mark.parametrize(
        ("title", "problem"),
        [
            ("2022年9月科普活动月报", "月份说法不一致：工作簿内和文件名是“2022-10”，表头和标题是“2022-09”"),
            ("填报单位：卧龙区", "填报单位说法不一致：工作簿内和文件名是“宛城区”，表头和标题是“卧龙区”"),
            ("填报单位：南阳县", "填报单位说法不一致：工作簿内和文件名是“宛城区”，表头和标题是“南阳县”"),
        ],
    )
    def test_last_months_title_left_in_is_a_disagreement_even_alone(self, title, problem):
        identity = found(SAYS_ALL, table(title), metadata=STATED)
        assert identity.problem == problem and "改标题" in identity.advice

    def test_a_year_to_date_title_agrees_with_its_last_month(self):
        assert found(SAYS_ALL, table("2022年1—10月"), metadata=STATED).problem is None

    def test_a_name_that_is_no_place_contradicts_nobody(self):
        assert found(SAYS_ALL, table("填报单位：科技股")).problem is None

    @pytest.mark.parametrize("written", ["科技局（宛城区）", "宛城区XX中心", "宛城区（本级）"])
    def test_a_unit_with_more_about_it_is_that_unit(self, written):
        assert found(SAYS_NOTHING, table(f"填报单位：{written}  2022年10月")).reporting_unit_id == "411302"

    def test_a_title_row_with_a_word_that_is_also_a_label_is_no_header(self):
        assert says(table(["单位名称", "宛城区"], ["2022年10月"], form=ENTERPRISES)).unit_names == ("宛城区",)

    def test_a_title_with_a_name_of_another_time_is_a_problem(self):
        identity = found("submissions/科普活动月报_鸭河工区_2022-10.xlsx", table("填报单位：职教园区"))
        assert identity.problem == "“职教园区”这一名称自 2023-02 起使用，2022-10 应写“鸭河工区”"

    def test_only_title_rows_above_a_header_speak(self):
        contract = [
            "1",
            "西峡县2022年9月项目",
            "技术开发",
            "x",
            "2022-09-01",
            "2022-10-02",
            "西峡县某公司",
            "411323",
            "填报单位：西峡县",
        ]
        signals = says(
            table("填报单位：宛城区", form=CONTRACTS, body=[contract]), Sheet("名单", [["填报单位：卧龙区"], ["西峡县某公司", 1]])
        )
        assert (signals.unit_names, signals.months) == (("宛城区",), ())

    @pytest.mark.parametrize("title", ["2022" + " " * 30_000, "填报单位：" + "宛城区" * 5_000, "2022年1-" * 5_000, "(" * 30_000])
    def test_a_title_made_to_keep_us_busy_does_not(self, title):
        start = perf_counter()
        found(SAYS_NOTHING, table(*[title] * 30))
        assert perf_counter() - start < 2

    def test_a_header_that_drifted_is_still_listened_to(self):
        sheet = Sheet("表", [["填报单位：卧龙区"], labels(CONTRACTS)[:4]])
        assert says(sheet).forms == () and says(sheet).unit_names == ("卧龙区",)
        assert says(sheet, table("填报单位：宛城区")).unit_names == ("宛城区",)


class TestSeveralSheets:
    MONTHS = (table("2022年9月", name="a"), table("2022年10月", name="b"))
    UNITS = (table("填报单位：卧龙区", name="a"), table("填报单位：宛城区", name="b"))

    def test_the_file_name_decides_when_one_matches(self):
        assert key(found(SAYS_ALL, *self.MONTHS)) == key(found(SAYS_ALL, *self.UNITS)) == (EVENTS, "411302", "2022-10", None)

    def test_metadata_decides_too(self):
        assert key(found(SAYS_NOTHING, *self.MONTHS, metadata=STATED)) == (EVENTS, "411302", "2022-10", None)

    def test_nobody_decides_and_both_are_named(self):
        assert found("submissions/科普活动月报_宛城区.xlsx", *self.MONTHS).problem == "表头和标题里不止一个月份：2022-09、2022-10"
        assert (
            found("submissions/科普活动月报_2022-10.xlsx", *self.UNITS).problem == "表头和标题里不止一个填报单位：卧龙区、宛城区"
        )

    def test_none_matches(self):
        identity = found("submissions/科普活动月报_宛城区_2022-11.xlsx", *self.MONTHS)
        assert identity.problem == "月份说法不一致：文件名是“2022-11”，表头和标题是“2022-09、2022-10”"


def test_signals_go_through_a_pipe_and_identities_through_json():
    signals = says(table("2022年10月", "填报单位：宛城区"), metadata=STATED)
    assert pickle.loads(pickle.dumps(signals)) == signals
    identity = asdict(identify(signals, SAYS_ALL, FORMS, UNITS))
    assert json.loads(json.dumps(identity)) == identity
