"""Relations that documents state: those that come with the program, bad rows found by their cell, and what each kind says."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from pipelines.collect.cells import column_letters
from pipelines.figures.conflicts import Conflict, find_conflicts
from pipelines.figures.intervals import Interval, PrintedNumber, decided, has_digits, measured, printed_decimals
from pipelines.figures.ledger import Document, Figure, Indicator, Ledger, load_ledger
from pipelines.figures.relations import (
    KINDS,
    RELATION_COLUMNS,
    Relation,
    factors_of,
    load_relations,
    previous_year,
    rules_of,
    ties_of,
)
from pipelines.settings import CHECKOUT, Settings

Rows = list[list[str]]

DOCUMENT = Document("100", "某市总结", "某市", "", None, None, "", "")
TURNOVER = Indicator("turnover", "成交额", "亿元")
LOANS = Indicator("loans", "贷款", "万元", measure="money")
GROWTH = Indicator("turnover_growth", "成交额增长", "%", measure="growth_rate")
MULTIPLE = Indicator("turnover_multiple", "成交额倍数", "倍", measure="ratio")
SHARE = Indicator("share", "占比", "%", measure="ratio")
FIRMS = Indicator("firms", "企业数", "家", measure="stock")
OLD_FIRMS = Indicator("old_firms", "老企业数", "家", measure="stock")
NEW_FIRMS = Indicator("new_firms", "新企业数", "家", measure="stock")
RANK = Indicator("rank", "位次", "位", measure="rank")


# The file that comes with the program.


@pytest.fixture(scope="module")
def real() -> Ledger:
    return load_ledger(Settings())


@pytest.fixture
def workspace(tmp_path: Path) -> Settings:
    """A workspace with its own copy of the ledger."""
    shutil.copytree(CHECKOUT / "raw" / "figures", tmp_path / "raw" / "figures")
    return Settings(tmp_path)


def edit(settings: Settings, change: Callable[[Rows], object]) -> None:
    path = settings.figures / "relations.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def put(relation_id: str, column: str, text: str) -> Callable[[Rows], int]:
    """A change of one cell; returns the row's number as a spreadsheet counts."""

    def change(rows: Rows) -> int:
        (number,) = [number for number, row in enumerate(rows, start=1) if row[0] == relation_id]
        rows[number - 1][rows[0].index(column)] = text
        return number

    return change


def test_the_relations_that_come_with_the_program_load_and_name_what_there_is(real: Ledger) -> None:
    relations, findings = load_relations(Settings(), real)
    assert findings == ()
    with (CHECKOUT / "raw" / "figures" / "relations.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    figures = {figure.figure_id for figure in real.figures}
    assert [relation.relation_id for relation in relations] == [row["relation_id"] for row in rows]
    assert len(relations) == 47
    for relation, row in zip(relations, rows, strict=True):
        named = " ".join((row["subject"], row["others"], row["coefficient"])).split()
        assert named and set(named) <= figures, row["relation_id"]
        assert relation.subject.figure_id == row["subject"]
        assert [other.figure_id for other in relation.others] == row["others"].split()
        assert (relation.coefficient.figure_id if relation.coefficient else "") == row["coefficient"]
        # A document speaks of its own figures, and the ids say so too.
        assert {figure_id[1] for figure_id in named} == {row["document_id"][-1]} == {row["relation_id"][1]}


def test_the_relations_are_of_every_kind_and_quote_a_number_of_theirs(real: Ledger) -> None:
    relations, _ = load_relations(Settings(), real)
    assert {relation.kind for relation in relations} == set(KINDS)
    for relation in relations:
        if relation.kind in ("growth", "multiple", "sum"):
            about = (relation.subject, *relation.others, *([relation.coefficient] if relation.coefficient else []))
            printed = {Decimal(number) for number in re.findall(r"\d+(?:\.\d+)?", relation.as_printed)}
            assert any(figure.value in printed for figure in about), relation.relation_id


@pytest.mark.parametrize(
    ("relation_id", "column", "text", "rule", "told"),
    [
        ("R4-03", "subject", "S9-999", "figures.figure_unknown", "没有“S9-999”"),
        ("R3-01", "others", "S3-001 S3-2", "figures.figure_unknown", "没有“S3-2”"),
        ("R4-03", "coefficient", "S4-12", "figures.figure_unknown", "没有“S4-12”"),
        ("R4-03", "kind", "times", "figures.code_unknown", "“times”"),
        ("R4-03", "kind", "", "figures.value_missing", "不能为空"),
        ("R4-05", "others", "S4-013 S4-014", "figures.others_count", "写了 2 个"),
        ("R4-05", "others", "", "figures.others_count", "写了 0 个"),
        ("R3-01", "others", "S3-001", "figures.others_count", "写了 1 个"),
        ("R4-03", "coefficient", "", "figures.coefficient", "没有写"),
        ("R4-05", "coefficient", "S4-015", "figures.coefficient", "不该有"),
        ("R4-04", "base_period", "2015", "figures.base", "基期要写一次"),
        ("R4-03", "base_period", "", "figures.base", "基期要写一次"),
        ("R4-03", "base_period", "去年", "figures.period_unreadable", "“去年”"),
        ("R4-03", "base_period", "2015-13", "figures.period_unreadable", "“2015-13”"),
        ("R4-05", "others", "S4-003", "figures.unit_inconvertible", "“家”"),
        ("R3-01", "others", "S3-001 S3-007", "figures.unit_inconvertible", "S3-007"),
        ("R4-03", "document_id", "4", "figures.document_unknown", "“4”"),
        ("R4-03", "relation_id", "R4-02", "figures.duplicate_id", "“R4-02”"),
        ("R4-07", "comparator", "", "figures.reference", "与什么相比"),
        ("R4-07", "reference", "", "figures.reference", "与什么相比"),
        ("R4-07", "comparator", "=>", "figures.code_unknown", "“=>”"),
        ("R4-03", "basis", "guess", "figures.code_unknown", "“guess”"),
        ("R4-03", "locator", " ", "figures.value_missing", "不能为空"),
        ("R4-03", "as_printed", "", "figures.value_missing", "不能为空"),
        ("R4-03", "subject", "S4-011 S4-044", "figures.one_figure", "只能写一个"),
        ("R4-03", "coefficient", "S4-012 S4-012", "figures.one_figure", "只能写一个"),
        ("R4-03", "coefficient", "S4-003", "figures.unit_inconvertible", "不是“倍”"),
        ("R3-02", "coefficient", "S3-003", "figures.unit_inconvertible", "不是“%”"),
        ("R4-05", "others", "S4-014", "figures.others_repeated", "写了两次"),
        ("R3-01", "others", "S3-001 S3-001", "figures.others_repeated", "写了两次"),
        ("R4-03", "base_period", "2020", "figures.base", "“2020”不能作基期"),  # the subject's own
        ("R4-03", "base_period", "2021", "figures.base", "“2021”不能作基期"),
        ("R4-03", "base_period", "..2015", "figures.base", "“..2015”不能作基期"),
    ],
)
def test_a_bad_cell_is_found_once_and_only_its_row_left_out(
    workspace: Settings, real: Ledger, relation_id: str, column: str, text: str, rule: str, told: str
) -> None:
    numbers: list[int] = []
    edit(workspace, lambda rows: numbers.append(put(relation_id, column, text)(rows)))
    relations, findings = load_relations(workspace, real)
    (finding,) = findings
    cell_column = {"figures.reference": "reference"}.get(rule, column)
    cell = f"{column_letters(RELATION_COLUMNS.index(cell_column))}{numbers[0]}"
    assert (finding.rule_id, finding.cell, finding.severity, finding.field) == (rule, cell, "error", cell_column)
    assert (finding.file_name, finding.form) == ("figures/relations.csv", "published_figures")
    assert cell in finding.message and "relations.csv" in finding.message and told in finding.message and finding.advice
    before, _ = load_relations(Settings(), real)
    left_out = {one.relation_id for one in before} - {one.relation_id for one in relations}
    assert left_out == {relation_id} and len(relations) == 46


def test_all_that_is_wrong_in_a_row_is_found_at_once(workspace: Settings, real: Ledger) -> None:
    edit(workspace, put("R4-03", "subject", "S9-999"))
    edit(workspace, put("R4-03", "basis", "guess"))
    _, findings = load_relations(workspace, real)
    assert sorted(finding.field for finding in findings) == ["basis", "subject"]


def test_relations_of_a_figure_that_could_not_be_loaded_are_findings_too(workspace: Settings, real: Ledger) -> None:
    """R4-03 alone speaks of 27.9."""
    without = replace(real, figures=tuple(figure for figure in real.figures if figure.figure_id != "S4-011"))
    relations, findings = load_relations(workspace, without)
    assert [(finding.rule_id, finding.value) for finding in findings] == [("figures.figure_unknown", "S4-011")]
    assert len(relations) == 46


def test_a_missing_file_is_a_finding_and_no_relation(workspace: Settings, real: Ledger) -> None:
    (workspace.figures / "relations.csv").unlink()
    relations, findings = load_relations(workspace, real)
    assert relations == () and [finding.rule_id for finding in findings] == ["figures.file_unreadable"]


# What each kind says, on numbers that fit at the edge of rounding and on the next that do not.


def figure(figure_id: str, indicator: Indicator, as_printed: str, period: str = "2020", **more: object) -> Figure:
    """A figure as the ledger would read it; its number is the first in the text."""
    value = Decimal(re.search(r"\d+(\.\d+)?", as_printed)[0])
    window = "year_end" if indicator.measure == "stock" else "year"
    made = Figure(
        figure_id=figure_id, document_id="100", locator="第一段", indicator_id=indicator.indicator_id,
        indicator_label=indicator.label, scope="", area="某市", period=period, window=window, period_basis="stated",
        nature="actual", measure=indicator.measure, as_printed=as_printed, qualifier="exact", value=value, value_max=None,
        unit=indicator.unit, document=DOCUMENT, indicator=indicator, interval=None,
    )  # fmt: skip
    made = replace(made, **more)
    number = PrintedNumber(
        value, printed_decimals(as_printed, value), made.unit, made.qualifier, None, made.measure in ("ratio", "growth_rate"),
        has_digits(as_printed),
    )  # fmt: skip
    return replace(made, interval=(decided if made.nature == "target" else measured)(number))


def relation(kind: str, subject: Figure, *others: Figure, coefficient: Figure | None = None, **more: str) -> Relation:
    made = Relation("R1", "100", "第一段", kind, subject, others, coefficient, "", "", "", "stated", "如文")
    return replace(made, **more)


def conflicts(*relations: Relation) -> list[Conflict]:
    figures = {}
    for each in relations:
        for one in (each.subject, *each.others, *([each.coefficient] if each.coefficient else [])):
            figures[one.figure_id] = one
    return find_conflicts(Ledger((DOCUMENT,), tuple(figures.values()), ()), relations)


@pytest.mark.parametrize(
    ("subject", "base", "growth", "fits"),
    [
        # 20 is [19.5, 20.5) and 10 is [9.5, 10.5): from 19.5/10.5 = 1.8571… to 20.5/9.5 = 2.1578…
        ("20亿元", "10亿元", "100%", True),
        ("20亿元", "10亿元", "116%", True),  # from 115.5 %, and 2.155 < 2.1578
        ("20亿元", "10亿元", "117%", False),  # from 116.5 %
        ("20亿元", "10亿元", "86%", True),  # below 86.5 %, and 1.865 > 1.8571
        ("20亿元", "10亿元", "85%", False),  # below 85.5 %
        ("20.00亿元", "10.00亿元", "100.1%", True),  # 20.005/9.995 = 2.001501; from 100.05 %
        ("20.00亿元", "10.00亿元", "100.2%", True),  # from 100.15 % = 2.0015, which is just below that
        ("20.00亿元", "10.00亿元", "100.3%", False),
    ],
)
def test_growth_is_the_base_and_so_many_percent_of_it(subject: str, base: str, growth: str, fits: bool) -> None:
    now, rate = figure("A", TURNOVER, subject, "2022"), figure("G", GROWTH, growth, "2022")
    before = figure("B", TURNOVER, base, "2021")
    found = conflicts(relation("growth", now, before, coefficient=rate))
    assert [one.kind for one in found] == ([] if fits else ["growth"])
    # With its year alone the base is the same quantity.
    dated = relation("growth", now, coefficient=rate, base_period="2021")
    again = find_conflicts(Ledger((DOCUMENT,), (now, rate, before), ()), (dated,))
    assert [one.as_json() for one in again] == [one.as_json() for one in found]


@pytest.mark.parametrize(
    ("subject", "base", "growth", "fits"),
    [
        ("2005家", "1000家", "101%", True),  # 100.5 % is rounded up: the lower end is in
        ("2005家", "1000家", "100%", False),  # and the upper end out
        ("1995家", "1000家", "100%", True),
        ("1995家", "1000家", "99%", False),
        ("75家", "100家", "25%", False),  # a growth is no fall
    ],
)
def test_a_half_percent_is_rounded_up(subject: str, base: str, growth: str, fits: bool) -> None:
    now, before = figure("A", FIRMS, subject, "2022"), figure("B", FIRMS, base, "2021")
    found = conflicts(relation("growth", now, before, coefficient=figure("G", GROWTH, growth, "2022")))
    assert [[member.figure.figure_id for member in one.members] for one in found] == ([] if fits else [["A", "B", "G"]])
    assert {(one.severity, one.relations) for one in found} <= {("error", ("R1",))}


@pytest.mark.parametrize(
    ("subject", "multiple", "fits"),
    [
        ("99家", "50倍", True),  # 49.5 × 2
        ("101家", "50倍", False),  # 50.5 × 2 is rounded to 51
        ("101家", "51倍", True),
        ("98家", "50倍", False),
        ("97家", "48.5倍", True),
        ("97家", "48.6倍", False),
    ],
)
def test_a_multiple_is_so_many_times_the_base(subject: str, multiple: str, fits: bool) -> None:
    now, before, times = figure("A", FIRMS, subject), figure("B", FIRMS, "2家", "2015"), figure("M", MULTIPLE, multiple)
    found = conflicts(relation("multiple", now, before, coefficient=times))
    assert [one.kind for one in found] == ([] if fits else ["multiple"])


@pytest.mark.parametrize(("printed", "fits"), [("527家", False), ("528家", True), ("900家", True)])
def test_a_goal_of_so_many_times_may_be_more(printed: str, fits: bool) -> None:
    goal, start = figure("T", FIRMS, printed, "2025", nature="target"), figure("B", FIRMS, "264家")
    twice = figure("M", MULTIPLE, "2倍", "2025", nature="target")
    found = conflicts(relation("goal_multiple", goal, start, coefficient=twice))
    assert [one.kind for one in found] == ([] if fits else ["goal_multiple"])


@pytest.mark.parametrize(
    ("subject", "parts", "fits"),
    [
        ("2671家", ("1311家", "1360家"), True),
        ("2670家", ("1311家", "1360家"), False),
        # 5 and 6 are [4.5, 5.5) and [5.5, 6.5), together [10, 12).
        ("10亿元", ("5亿元", "6亿元"), True),
        ("12亿元", ("5亿元", "6亿元"), True),
        ("13亿元", ("5亿元", "6亿元"), False),  # from 12.5
        ("9亿元", ("5亿元", "6亿元"), False),  # below 9.5
        ("12.0亿元", ("5亿元", "6亿元"), True),  # from 11.95
        ("12.05亿元", ("5亿元", "6亿元"), False),  # from 12.045
    ],
)
def test_a_sum_is_its_parts(subject: str, parts: tuple[str, str], fits: bool) -> None:
    kinds = (FIRMS, OLD_FIRMS, NEW_FIRMS) if "家" in subject else (TURNOVER,) * 3
    whole, *pieces = (
        figure(name, kind, printed, scope=name) for name, kind, printed in zip("ABC", kinds, (subject, *parts), strict=True)
    )
    found = conflicts(relation("sum", whole, *pieces))
    assert [(one.kind, len(one.members)) for one in found] == ([] if fits else [("sum", 3)])


def test_a_sum_that_begins_where_its_parts_end_is_out() -> None:
    """The parts stay below 12; 12 or more is out, more than 11.9 is not."""
    one, other = figure("B", TURNOVER, "5亿元", scope="甲"), figure("C", TURNOVER, "6亿元", scope="乙")
    for printed, count in (("12亿元", 1), ("11.9亿元", 0)):
        whole = figure("A", TURNOVER, printed, qualifier="以上")
        assert len(conflicts(relation("sum", whole, one, other))) == count


@pytest.mark.parametrize(
    ("whole", "qualifier", "part", "fits"),
    [
        ("100家", "余", "109家", True),  # below 200
        ("100家", "余", "199家", True),
        ("100家", "余", "200家", False),
        ("12家", "exact", "12家", True),
        ("12家", "exact", "13家", False),
        ("500家", "以上", "900家", True),
    ],
)
def test_a_part_is_at_most_the_whole(whole: str, qualifier: str, part: str, fits: bool) -> None:
    all_firms, some = figure("A", FIRMS, whole, qualifier=qualifier), figure("B", NEW_FIRMS, part)
    found = conflicts(relation("part", all_firms, some))
    assert [(one.kind, one.severity) for one in found] == ([] if fits else [("part", "error")])


@pytest.mark.parametrize(
    ("kind", "subject", "others", "fits"),
    [
        # 6000 and 4000 万元 are from 9999 to below 10001 万元; 1.00 亿元 is from 9950 to below 10050.
        ("sum", "1.00亿元", ("6000万元", "4000万元"), True),
        ("sum", "1.10亿元", ("6000万元", "4000万元"), False),
        ("sum", "1.01亿元", ("6000万元", "4000万元"), False),  # from 10050
        ("sum", "10000万元", ("0.60亿元", "0.40亿元"), True),
        ("sum", "11000万元", ("0.60亿元", "0.40亿元"), False),
        ("part", "1.00亿元", ("10049万元",), True),
        ("part", "1.00亿元", ("10051万元",), False),  # from 10050.5
        ("part", "10000万元", ("1.00亿元",), True),
        ("part", "10000万元", ("1.10亿元",), False),
        ("rise", "1.00亿元", ("10049万元",), True),
        ("rise", "1.00亿元", ("10051万元",), False),
        ("rise", "9949万元", ("1.00亿元",), False),  # below 9949.5
    ],
)
def test_what_is_in_ten_thousands_is_held_against_hundred_millions(
    kind: str, subject: str, others: tuple[str, ...], fits: bool
) -> None:
    whole, *pieces = (
        figure(name, TURNOVER if "亿" in printed else LOANS, printed, scope=name)
        for name, printed in zip("ABC", (subject, *others), strict=False)
    )
    found = conflicts(relation(kind, whole, *pieces))
    assert [(one.kind, len(one.members)) for one in found] == ([] if fits else [(kind, 1 + len(others))])


@pytest.mark.parametrize(
    ("subject", "base", "growth", "fits"),
    [
        # 15000 ± 0.5 on 9950 to below 10050 is from 1.4925 to 1.5076 times.
        ("15000万元", "1.00亿元", "50%", True),
        ("15000万元", "1.00亿元", "52%", False),  # from 1.515
        ("15000万元", "1.00亿元", "48%", False),  # below 1.485
        # 1.495 to below 1.505 on 10000 ± 0.5 万元 is from 1.4949 to 1.5051 times.
        ("1.50亿元", "10000万元", "50%", True),
        ("1.50亿元", "10000万元", "52%", False),
        ("1.50亿元", "10000万元", "48%", False),
    ],
)
def test_growth_from_ten_thousands_to_hundred_millions_is_of_the_same_money(
    subject: str, base: str, growth: str, fits: bool
) -> None:
    now, before = (
        figure(name, TURNOVER if "亿" in printed else LOANS, printed, period)
        for name, printed, period in (("A", subject, "2022"), ("B", base, "2021"))
    )
    found = conflicts(relation("growth", now, before, coefficient=figure("G", GROWTH, growth, "2022")))
    assert [one.kind for one in found] == ([] if fits else ["growth"])


def test_each_of_several_parts_is_held_against_the_whole_for_itself() -> None:
    """15 and 14 are each within 20; together they may overlap."""
    whole = figure("A", FIRMS, "20家")
    small, large = figure("B", OLD_FIRMS, "15家"), figure("C", NEW_FIRMS, "14家")
    assert conflicts(relation("part", whole, small, large)) == []
    (found,) = conflicts(relation("part", whole, small, figure("C", NEW_FIRMS, "21家")))
    assert [member.figure.figure_id for member in found.members] == ["A", "C"]


@pytest.mark.parametrize(
    ("before", "after", "fits"),
    [
        ("1.09%", "1.15%", True),
        ("1.15%", "1.15%", True),
        ("1.15%", "1.14%", False),  # from 1.145, which 1.14 stays below
        ("1.2%", "1.15%", True),  # both may be 1.15
        ("1.2%", "1.14%", False),
    ],
)
def test_what_rises_is_not_below_what_it_was(before: str, after: str, fits: bool) -> None:
    found = conflicts(relation("rise", figure("A", SHARE, after), figure("B", SHARE, before, "2015")))
    assert [one.kind for one in found] == ([] if fits else ["rise"])


@pytest.mark.parametrize(("printed", "fits"), [("99.5%", True), ("100.4%", True), ("100.6%", False), ("251%", False)])
def test_two_ways_to_say_one_change_are_one_rate(printed: str, fits: bool) -> None:
    """100 % as a figure is from 99.5 to below 100.5."""
    group, own = figure("A", Indicator("group", "群体增长", "%", measure="growth_rate"), "100%"), figure("B", GROWTH, printed)
    found = conflicts(relation("same_rate", group, own))
    assert [one.kind for one in found] == ([] if fits else ["same_rate"])


def test_a_rank_is_at_least_the_first() -> None:
    of = figure("B", FIRMS, "12家")
    assert conflicts(relation("rank_of", figure("A", RANK, "1位"), of)) == []
    (found,) = conflicts(relation("rank_of", figure("A", RANK, "0位"), of))
    assert (found.kind, [member.figure.figure_id for member in found.members]) == ("rank_of", ["A"])


def test_a_comparison_with_what_is_not_printed_says_nothing() -> None:
    told = relation("reference", figure("A", SHARE, "1.15%"), comparator=">=", reference="全省平均水平")
    assert rules_of([told]) == [] and ties_of([told]) == [] and conflicts(told) == []


@pytest.mark.parametrize(
    ("kind", "printed"), [("part", "13家"), ("sum", "1家"), ("rise", "13家"), ("growth", "13家"), ("multiple", "13家")]
)
def test_what_is_our_reading_is_a_warning(kind: str, printed: str) -> None:
    subject, other = figure("A", FIRMS, "12家"), figure("B", NEW_FIRMS, printed)
    others = (other, figure("C", OLD_FIRMS, "1家")) if kind == "sum" else (other,)
    coefficient = {"growth": figure("G", GROWTH, "50%"), "multiple": figure("G", MULTIPLE, "3倍")}.get(kind)
    severities = {}
    for basis in ("stated", "inferred"):
        (found,) = conflicts(relation(kind, subject, *others, coefficient=coefficient, basis=basis))
        severities[basis] = found.severity
    assert severities == {"stated": "error", "inferred": "warning"}


def test_growth_of_more_than_a_number_is_worked_out_from_that_number() -> None:
    """突破75 with 280.57 % leaves 75 ÷ 3.8057 = 19.71 for the year before, and that is not 25, though 95 would be."""
    more = figure("A", TURNOVER, "75亿元", "2022", qualifier="突破", nature="forecast")
    rate = figure("G", GROWTH, "280.57%", "2022")
    assert conflicts(relation("growth", more, figure("B", TURNOVER, "19.7亿元", "2021"), coefficient=rate)) == []
    (found,) = conflicts(relation("growth", more, figure("B", TURNOVER, "25亿元", "2021"), coefficient=rate))
    assert [member.figure.figure_id for member in found.members] == ["A", "B", "G"]
    # That it was worked out from 75 is our reading, since more than 75 would do; and the number told is that of the year before.
    assert found.severity == "warning" and "按写出的数“75亿元”（不小于 74.5、小于 75.5 亿元）推算" in found.summary
    assert "2021年的成交额应大于 19.5756、小于 19.8389 亿元，而原文写“25亿元”" in found.summary


def test_factors_of_a_growth_keep_their_ends() -> None:
    rounded = Interval(Fraction("280.565"), Fraction("280.575"), upper_closed=False)
    assert factors_of(rounded, is_growth=True) == Interval(Fraction("3.80565"), Fraction("3.80575"), upper_closed=False)
    assert factors_of(rounded, is_growth=False) == rounded
    assert factors_of(Interval(lower=Fraction(50)), is_growth=True) == Interval(lower=Fraction("1.5"))


def test_the_base_where_nothing_is_said_is_a_year_earlier_as_measured() -> None:
    year = figure("A", TURNOVER, "75亿元", "2022", nature="forecast").quantity
    assert str(previous_year(year)) == "turnover||某市|span|2021-01|2021-12|measured"
    months = figure("A", TURNOVER, "62.3亿元", "2022-01..2022-10", window="ytd").quantity
    assert str(previous_year(months)) == "turnover||某市|span|2021-01|2021-10|measured"
    level = figure("A", FIRMS, "490家", "2022").quantity
    assert str(previous_year(level)) == "firms||某市|level||2021-12|measured"


def test_the_base_of_a_stock_is_its_level_at_the_end_of_the_year() -> None:
    now, rate = figure("A", FIRMS, "2671家", "2022-11", window="point"), figure("G", GROWTH, "251%", "2022-11")
    (tie,) = ties_of([relation("growth", now, coefficient=rate, base_period="2021")])
    assert str(tie.base) == "firms||某市|level||2021-12|measured"
    assert str(tie.taken) == "firms||某市|level||2022-11|measured"
