"""The table of a form on a sheet: which rows are data, columns and units by their labels, totals as evidence, drift."""

import time
from datetime import date
from decimal import Decimal

import pytest
from inprocess import TERMS

from pipelines.collect.containers import Container, Sheet
from pipelines.collect.table import read_table

EVENTS, CONTRACTS = TERMS.forms["popular_science_events"], TERMS.forms["technical_contracts"]
HEADER = ("活动类别", "活动方式", "活动次数", "参加人次")
LECTURE = ("科普讲座", "线下", 3, 1200)
EXHIBITION = ("专题展览", "线下", 2, 300)


def sheet(*rows, name="科普活动", merged=(), **more):
    return Sheet(name, [list(row) for row in rows], merged, **more)


def read(*rows, form=EVENTS, month="2022-10", **more):
    return read_table(Container("xlsx", [sheet(*rows, **more)]), form, month, TERMS.code_lists)


def rules(table, *severities):
    return [each.rule_id for each in table.problems if each.severity in (severities or ("error", "warning", "info"))]


def problem(table, rule_id):
    [found] = [each for each in table.problems if each.rule_id == rule_id]
    return found


# One contract; the columns of the form in their order.
CONTRACT = {
    "合同登记编号": "2022411302000001",
    "项目名称": "示例项目",
    "合同类别": "技术开发",
    "技术领域": "电子信息",
    "签订日期": date(2022, 10, 1),
    "登记日期": date(2022, 10, 8),
    "卖方名称": "示例甲公司",
    "卖方行政区划代码": "411302",
    "买方名称": "示例乙公司",
    "买方行政区划代码": "411303",
    "合同成交额": 12.5,
    "技术交易额": 10,
}


def contracts(*rows, above=(), labels=None, **more):
    labels = labels or tuple(CONTRACT)
    return read(*above, labels, *rows, form=CONTRACTS, name="技术合同", **more)


def contract(number, value, **more):
    return tuple(
        (CONTRACT | {"合同登记编号": f"20224113020000{number:02d}", "合同成交额": value, "技术交易额": 0} | more).values()
    )


class TestRows:
    def test_only_data_are_rows(self):
        table = read(
            ("科普活动月报",),
            ("填报单位：宛城区", "2022年10月"),
            HEADER,
            ("甲", "乙", 1, 2),
            (),
            LECTURE,
            (None, None, None, None),
            EXHIBITION,
            ("合  计", None, 5, 1500),
            ("其中：线上", None, 0, 0),
            ("注：人次含线上", None, None, None),
            ("单位负责人：甲", None, "填报人：乙", None),
        )
        assert (table.row_numbers, rules(table)) == ([6, 8], [])
        assert table.columns["attendance"] == [1200, 300]
        assert [(each.label, each.kind) for each in table.totals] == [("合  计", "total"), ("其中：线上", "part")]

    def test_a_total_may_stand_first(self):
        table = read(HEADER, ("总计", None, 5, 1500), LECTURE, EXHIBITION)
        assert (table.row_numbers, rules(table)) == ([3, 4], [])

    def test_sections_with_their_subtotals(self):
        table = read(
            HEADER,
            ("一、线下活动",),
            LECTURE,
            EXHIBITION,
            ("小计", None, 5, 1500),
            ("二、线上活动",),
            ("科普讲座", "线上", 1, 50),
            ("小计", None, 1, 50),
            ("合计", None, 6, 1550),
        )
        assert (table.row_numbers, rules(table)) == ([3, 4, 7], [])
        assert [one.added for total in table.totals for one in total.stated] == [5, 1500, 1, 50, 6, 1550]

    def test_a_row_with_one_cell_filled_in_is_data_and_never_dropped(self):
        assert read(HEADER, LECTURE, ("专题展览", None, None, None)).row_numbers == [2, 3]
        assert read(HEADER, LECTURE, (None, None, 4, None)).row_numbers == [2, 3]

    def test_a_cell_of_spaces_is_looked_at_once(self):
        start = time.process_time()
        contracts(*(contract(number, 5, **{"合同登记编号": f"{' ' * 30_000}{number}"}) for number in range(20)))
        assert time.process_time() - start < 5  # quadratic, it took a minute

    def test_a_header_repeated_on_the_next_page_is_named_and_no_data(self):
        table = read(HEADER, LECTURE, HEADER, EXHIBITION)
        assert (table.row_numbers, rules(table)) == ([2, 4], ["table.header_again"])

    def test_a_repeated_header_with_columns_moved_is_refused(self):
        table = read(HEADER, LECTURE, HEADER[::-1], EXHIBITION[::-1])
        assert problem(table, "table.header_moved").cell == "A3"

    def test_another_table_below_is_not_read_and_said(self):
        table = read(HEADER, LECTURE, (), ("志愿者", "姓名", "电话", "备注"), ("甲", "乙", 1, 2))
        assert table.row_numbers == [2]
        assert problem(table, "table.another_below").cell == "A4"

    def test_after_another_table_nothing_is_taken_for_data(self):
        table = contracts(contract(1, 5), (), ("编号", *["说明"] * 11), contract(2, 7))
        assert table.row_numbers == [2] and rules(table) == ["table.another_below"]

    def test_a_text_row_longer_than_its_header_is_refused(self):
        rows = [list(HEADER), ["科普讲座", "线下", "3", "1", "234"]]
        table = read_table(Container("csv", [Sheet("CSV", rows)]), EVENTS, "2022-10", TERMS.code_lists)
        assert (problem(table, "row.too_long").cell, problem(table, "row.too_long").severity) == ("E2", "error")
        beside = read(HEADER, (*LECTURE, None, 500))
        assert (beside.row_numbers, problem(beside, "row.outside").severity) == ([2], "warning")

    def test_figures_of_other_periods_are_no_data(self):
        others = [(text, None, 30, 9000) for text in ("1-9月累计", "上年同期", "同比增长（%）", "同上月比")]
        table = read(HEADER, LECTURE, *others, ("合计（6类）", None, 3, 1200))
        assert (table.row_numbers, rules(table)) == ([2], [])

    def test_a_report_that_there_was_nothing_has_no_rows(self):
        table = read(HEADER, ("本月无活动",))
        assert (table.row_numbers, rules(table)) == ([], ["table.nil"])

    def test_text_beside_the_table_is_said(self):
        table = read(HEADER, LECTURE, (None, None, None, None, "请核对"))
        assert (table.row_numbers, problem(table, "row.outside").cell) == ([2], "E3")


class TestCells:
    def test_merged_text_holds_for_all_its_rows(self):
        table = read(HEADER, LECTURE, (None, "线上", 1, 50), merged=((1, 0, 2, 0),))
        assert table.columns["activity_type"] == ["lecture", "lecture"]
        assert rules(table) == ["cell.merged"]

    def test_a_merged_number_is_nobodys(self):
        table = read(HEADER, LECTURE, ("专题展览", "线下", 2, None), merged=((1, 3, 2, 3),))
        assert problem(table, "cell.merged_number").severity == "error"

    def test_a_blank_is_the_cell_above_only_where_the_form_says_so(self):
        table = read(HEADER, LECTURE, (None, "线上", 1, 50), ("专题展览", None, 2, 20))
        assert table.columns["activity_type"] == ["lecture", "lecture", "exhibition"]
        assert table.columns["channel"] == ["offline", "online", None]
        assert (rules(table), problem(table, "cell.same_as_above").cell) == (["cell.same_as_above"], "A3")

    def test_hidden_rows_and_columns_are_read_and_reported(self):
        table = read(HEADER, LECTURE, EXHIBITION, hidden_rows=frozenset({2}), hidden_columns=frozenset({3}))
        assert table.row_numbers == [2, 3]
        assert rules(table, "warning") == ["row.hidden", "column.hidden"]
        assert "第 3 行" in problem(table, "row.hidden").message and "D 列" in problem(table, "column.hidden").message

    def test_what_changed_on_reading_is_named_with_before_and_after(self):
        table = read(HEADER, ("科普讲座", "线下", "三", "１，２００"))
        assert table.columns["event_count"] == [3] and table.columns["attendance"] == [1200]
        assert [(each.cell, each.value, each.expected) for each in table.problems] == [
            ("C2", "三", "3"),
            ("D2", "１，２００", "1200"),
        ]
        assert table.changes["event_count"][2][0] == "三"

    def test_a_cell_of_another_kind_is_named_with_its_address(self):
        table = read(HEADER, ("科普讲座", "线下", 3, "很多"))
        found = problem(table, "cell.number")
        assert (found.cell, found.field, found.value) == ("D2", "attendance", "很多")
        assert table.unconverted == {(2, "attendance")}

    def test_a_mistake_all_down_a_column_is_listed_to_a_limit_and_counted(self):
        table = read(HEADER, *(("科普讲座", "线下", 3, "很多") for _ in range(1000)))
        listed = [each for each in table.problems if each.rule_id == "cell.number"]
        assert len(listed) == 201 and "还有 800 处" in listed[-1].message
        assert len(table.unconverted) == 1000


class TestColumns:
    def test_by_label_wherever_they_stand_and_whatever_is_around_the_words(self):
        table = read(
            ("参加 人次（人次）", "*活动次数", "备注", "２、活动方式", "活动\n类别"), (1200, 3, None, "线下", "科普讲座")
        )
        assert table.columns == {"activity_type": ["lecture"], "channel": ["offline"], "event_count": [3], "attendance": [1200]}
        assert table.letters["attendance"] == "A"
        assert rules(table) == ["table.column_reordered"]

    def test_along_the_path_of_a_header_of_several_rows(self):
        labels = list(CONTRACT)
        top = [*labels[:6], "卖方", None, "买方", None, "合同金额（千元）", None]
        leaf = [None] * 6 + ["名称", "行政区划代码"] * 2 + ["成交额", "其中：技术交易额"]
        merged = (*((0, column, 1, column) for column in range(6)), *((0, column, 0, column + 1) for column in (6, 8, 10)))
        for spans in (merged, ()):
            table = read(top, leaf, contract(1, 12500), form=CONTRACTS, name="技术合同", merged=spans)
            assert rules(table, "error", "warning") == []
            assert table.columns["contract_value"] == [Decimal("1250")]
            assert table.columns["buyer_division_code"] == ["411303"]
            assert table.passports["technology_value"].header_path == "合同金额（千元）/其中：技术交易额"

    def test_a_label_under_another_meaning_is_another_quantity(self):
        labels = [*list(CONTRACT)[:10], "累计", None]
        leaf = [None] * 10 + ["合同成交额", "技术交易额"]
        table = read(labels, leaf, contract(1, 5), form=CONTRACTS, name="技术合同")
        assert rules(table, "error") == ["table.column_missing"] * 2

    def test_a_label_alone_above_the_header_is_not_passed_over(self):
        above = [None] * 10 + ["累计", None]
        found = problem(contracts(contract(1, 5), above=(above,)), "table.lone_label")
        assert (found.cell, found.severity) == ("K1", "error")

    def test_of_a_pair_of_month_and_to_date_the_month_is_taken(self):
        labels = [*list(CONTRACT)[:10], "合同成交额（万元）", None, "技术交易额"]
        pair = [None] * 10 + ["本月", "累计", None]
        row = (*contract(1, 5)[:11], 99, 3)
        merged = (*((0, column, 1, column) for column in (*range(10), 12)), (0, 10, 0, 11))
        table = read(labels, pair, row, form=CONTRACTS, name="技术合同", merged=merged)
        assert (rules(table, "error"), table.columns["contract_value"]) == ([], [5])

    def test_a_missing_column_names_the_one_that_may_be_meant(self):
        table = read((*HEADER[:3], "参加人数次"), LECTURE)
        assert table.columns["attendance"] == []
        assert "D 列“参加人数次”是否就是它" in problem(table, "table.column_missing").message

    def test_a_doubled_column_is_refused(self):
        table = read((*HEADER, "场次"), (*LECTURE, 4))
        assert (problem(table, "table.column_twice").cell, table.row_numbers) == ("E1", [])

    def test_drift_is_reported(self):
        table = read(("活动方式", "活动类型", "活动次数", "参加人次", "负责科室"), ("线下", "科普讲座", 3, 1200, "科普科"))
        assert rules(table, "error", "warning") == []
        assert set(rules(table, "info")) == {"table.column_extra", "table.column_renamed", "table.column_reordered"}
        assert "E 列“负责科室”" in problem(table, "table.column_extra").message

    def test_a_form_asks_for_other_columns_in_another_month(self):
        fields = [each.model_copy(update={"since": "2023-01"}) if each.name == "attendance" else each for each in EVENTS.fields]
        form = EVENTS.with_fields(tuple(fields))
        old = read(HEADER[:3], LECTURE[:3], form=form)
        assert (rules(old), old.columns["event_count"]) == ([], [3])
        assert old.frame(form)["attendance"].to_list() == [None]
        assert rules(read(HEADER[:3], LECTURE[:3], form=form, month="2023-01")) == ["table.column_missing"]

    def test_no_header_is_said_in_words(self):
        found = problem(read(("a", "b"), (1, 2)), "table.header_missing")
        assert "活动类别" in found.advice and "“科普活动”第 1 行的栏目是：a、b" in found.message
        minutes = read(("会议时间", "2022.10.20", "地点", "会议室"), ("主持人", "甲", "记录人", "乙"))
        assert "第 1 行应是表头，却填着“2022.10.20”" in problem(minutes, "table.header_missing").message


class TestUnits:
    @pytest.mark.parametrize(
        ("above", "label", "under", "where"),
        [
            ((), "合同成交额（千元）", (), "表头"),
            ((("单位：千元",),), "合同成交额", (), "表上方的单位说明"),
            ((("计量单位：千元、项",),), "合同成交额", (), "表上方的单位说明"),
            ((), "合同成交额", ((*[None] * 10, "千元", "万元"),), "单位行"),
        ],
    )
    def test_from_wherever_they_are_stated_nearest_first(self, above, label, under, where):
        labels = [*list(CONTRACT)[:10], label, "技术交易额（万元）"]
        table = contracts(*under, contract(1, 12500), above=above, labels=labels)
        assert rules(table, "error") == []
        assert table.columns["contract_value"] == [Decimal("1250")]
        assert (table.passports["contract_value"].unit, table.passports["contract_value"].unit_from) == ("千元", where)
        assert problem(table, "column.unit_converted").value == "千元"

    @pytest.mark.parametrize(
        ("above", "label", "name"),
        [
            ((("宛城区技术合同登记月报（千元）",),), "合同成交额", "技术合同"),
            ((("技术合同登记月报（金额：千元）",),), "合同成交额", "技术合同"),
            ((("填报单位：西峡县科技局   千元",),), "合同成交额", "技术合同"),
            ((), "合同成交额", "技术合同（千元）"),
            ((), "合同成交额/千元", "技术合同"),
            ((), "合同成交额 千元", "技术合同"),
            ((), "合同成交额\n单位：千元", "技术合同"),
        ],
    )
    def test_from_titles_sheet_names_and_the_ends_of_labels(self, above, label, name):
        labels = [*list(CONTRACT)[:10], label, "技术交易额"]
        table = read(*above, labels, contract(1, 12500), form=CONTRACTS, name=name)
        assert (rules(table, "error"), table.columns["contract_value"]) == ([], [Decimal("1250")])

    @pytest.mark.parametrize(
        ("shown", "is_refused"), [('0.00"元"', True), ("#,##0.00,", True), ("0!.0000", True), ('0.00"万元"', False)]
    )
    def test_a_number_format_that_shows_another_number_is_refused(self, shown, is_refused):
        table = contracts(contract(1, 125), formats={(1, 10): shown})
        assert rules(table, "error") == (["cell.format"] if is_refused else [])
        assert not is_refused or problem(table, "cell.format").cell == "K2"

    def test_the_unit_in_the_cell_is_nearest(self):
        assert contracts(contract(1, "1.5亿元"), above=(("单位：元",),)).columns["contract_value"] == [Decimal(15000)]

    def test_a_unit_of_money_says_nothing_of_counts(self):
        assert read(("单位：万元",), HEADER, LECTURE).columns["attendance"] == [1200]

    def test_a_unit_of_another_kind_is_refused(self):
        labels = [*list(CONTRACT)[:10], "合同成交额（项）", "技术交易额"]
        table = contracts(contract(1, 5), labels=labels)
        assert (problem(table, "column.unit").cell, table.row_numbers) == ("K1", [])

    def test_a_note_that_states_another_unit_is_an_error(self):
        table = contracts(contract(1, 5), ("注：金额单位：千元",))
        assert rules(table) == ["column.unit"] * 2 and "千元" in table.problems[0].message


class TestTotals:
    def test_within_rounding(self):
        rows = [contract(number, value) for number, value in ((1, 33.34), (2, 33.33), (3, 33.34))]
        total = ("合计", *[None] * 9, 100, 0)
        assert rules(contracts(*rows, total)) == []
        one = contracts(*rows, total).totals[0].stated[0]
        assert (one.stated, one.added, one.allowance, one.holds) == (100, Decimal("100.01"), Decimal("1.5"), True)

    def test_beyond_it_names_both_figures(self):
        table = contracts(contract(1, 33.34), contract(2, 33.33), ("合计", *[None] * 9, 99, 0))
        found = problem(table, "table.total")
        assert (found.cell, found.value, found.expected, found.severity) == ("K4", "99", "66.67", "error")

    def test_counts_are_not_rounded(self):
        assert rules(read(HEADER, LECTURE, EXHIBITION, ("合计", None, 5, 1501))) == ["table.total"]

    def test_in_the_unit_of_the_column(self):
        table = contracts(contract(1, 12500), contract(2, 500), ("合计", *[None] * 9, 13000, 0), above=(("单位：千元",),))
        assert rules(table, "error") == [] and table.totals[0].stated[0].stated == 1300

    def test_a_total_of_a_column_with_unreadable_cells_is_not_held_against_it(self):
        assert rules(read(HEADER, ("科普讲座", "线下", 3, "很多"), ("合计", None, 3, 1500)), "error") == ["cell.number"]


class TestSheets:
    def read(self, *sheets, month="2022-10"):
        return read_table(Container("xlsx", list(sheets)), EVENTS, month, TERMS.code_lists)

    @pytest.mark.parametrize(
        ("names", "titles"),
        [(("九", "十"), ("2022年9月", "2022年10月")), (("9月", "10月份"), ("科普活动", "科普活动")), (("上月", "表"), ("", ""))],
    )
    def test_one_month_a_sheet_takes_the_month_asked_for(self, names, titles):
        bodies = ((HEADER, LECTURE), (HEADER, EXHIBITION))
        sheets = (sheet((title,), *body, name=name) for name, title, body in zip(names, titles, bodies, strict=True))
        table = self.read(*sheets)
        assert (table.sheet, table.columns["event_count"]) == (names[1], [2])
        assert rules(table) == ["table.other_sheet"]

    def test_a_second_sheet_that_names_no_month_may_hold_the_other_half(self):
        refused = self.read(sheet(("2022年10月",), HEADER, LECTURE), sheet(HEADER, EXHIBITION, name="Sheet2"))
        assert (rules(refused), refused.row_numbers) == (["table.several_sheets"], [])
        assert self.read(sheet(HEADER, LECTURE), sheet(HEADER, name="Sheet2")).row_numbers == [2]

    def test_hidden_sheets_are_not_read(self):
        assert self.read(sheet(HEADER, LECTURE, is_hidden=True), sheet(HEADER, EXHIBITION)).columns["event_count"] == [2]

    def test_the_sheet_of_the_form_among_others(self):
        assert self.read(sheet(("说明",)), sheet(HEADER, LECTURE, name="Sheet2")).sheet == "Sheet2"


def test_a_passport_says_where_values_stand_and_in_which_unit():
    passport = read(("单位：次",), HEADER, LECTURE).passports["event_count"]
    assert (passport.letters, passport.header_path, passport.unit, passport.unit_from) == (
        "C", "活动次数", "次", "表上方的单位说明",
    )  # fmt: skip


def test_a_long_register_is_read_in_chunks_to_the_same_values():
    rows = [contract(0, 1.25, **{"合同登记编号": f"{number:016d}", "签订日期": "2022-10-01"}) for number in range(120_000)]
    table = contracts(*rows, ("合计", *[None] * 9, 150_000, 0))
    assert (len(table.row_numbers), table.row_numbers[-1], rules(table)) == (120_000, 120_001, [])
    frame = table.frame(CONTRACTS)
    assert frame["contract_value"].sum() == 150_000 and frame["contract_no"].n_unique() == 120_000
