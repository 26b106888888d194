"""Header blocks: depth, label paths, units, and sheets that are refused because they are no table by columns."""

import pytest

from pipelines.collect.cells import column_letters
from pipelines.collect.containers import Sheet
from pipelines.collect.tables import NoTable, find_table


def table(*rows, merged=()):
    return find_table(Sheet("表", [list(row) for row in rows], merged))


def paths(found):
    return [column.shown_path for column in found.header.columns]


class TestDepth:
    def test_merged_labels_over_two_rows(self):
        found = table(
            ("县区", "合同金额", None, "项数"),
            (None, "成交额", "其中：技术交易额", None),
            ("宛城区", 12.5, 10, 3),
            ("卧龙区", 8, 7, 2),
            merged=((0, 0, 1, 0), (0, 1, 0, 2), (0, 3, 1, 3)),
        )
        assert (found.header.first, found.header.last) == (0, 1)
        assert paths(found) == ["县区", "合同金额/成交额", "合同金额/其中：技术交易额", "项数"]
        assert found.body == (2, 3)

    def test_the_same_lay_out_without_merges_as_a_csv_has_it(self):
        found = table(("县区", "合同金额", None, "项数"), (None, "成交额", "技术交易额", None), ("宛城区", "12.5", "10", "3"))
        assert paths(found) == ["县区", "合同金额/成交额", "合同金额/技术交易额", "项数"]

    def test_three_rows(self):
        found = table(
            ("项目", "2022年", None, None, None),
            (None, "企业", None, "院校", None),
            (None, "项数", "金额", "项数", "金额"),
            ("技术开发", 1, 2, 3, 4),
            merged=((0, 0, 2, 0), (0, 1, 0, 4), (1, 1, 1, 2), (1, 3, 1, 4)),
        )
        assert paths(found)[3] == "2022年/院校/项数" and found.header.last == 2

    def test_titles_unit_line_translation_units_and_column_numbers_are_no_labels(self):
        found = table(
            ("南阳市技术合同登记情况", None, None),
            ("填报单位：宛城区", None, "单位：千元"),
            ("地区", "合同数", "成交额"),
            ("Region", "Number", "Value"),
            (None, "（项）", "（千元）"),
            ("甲", 1, 2),
            ("宛城区", 3, 12.5),
            ("合  计", 3, 12.5),
            ("注：含跨县合同", None, None),
            merged=((0, 0, 0, 2),),
        )
        assert paths(found) == ["地区", "合同数", "成交额"]
        assert [column.unit for column in found.header.columns] == [None, "项", "千元"]
        assert (found.header.first, found.header.last, found.body, found.totals, found.notes) == (2, 5, (6,), (7,), (8,))
        assert found.units == ("千元",)

    def test_years_name_columns(self):
        found = table(("地    区", "Region", 2019.0, 2020.0), ("北    京", "Beijing", 5, 6))
        assert paths(found) == ["地 区", "Region", "2019", "2020"]

    def test_the_unit_of_an_indicator_line(self):
        found = table(("数据库：年度数据",), ("指标：地区生产总值(亿元)",), ("地区", "2022年", "2021年"), ("南阳市", 4555, 4342))
        assert found.units == ("亿元",)

    def test_a_first_column_without_label_is_a_column(self):
        assert paths(table((None, "本期", "上年同期"), ("收入", 1, 2), ("支出", 3, 4))) == ["", "本期", "上年同期"]


class TestRefused:
    @pytest.mark.parametrize(
        ("rows", "merged", "said"),
        [
            ([("会议时间", "2022.1.20", "地点", "会议室"), ("主持人", "甲", "记录人", "乙")], (), "应是表头"),
            ([("姓名", "甲", "学号", 12345678), ("学院", "计算机", "年级", "2021级")], (), "应是表头"),
            ([("产品", None, "过滤器"), ("型号", None, "A1"), ("通径", None, 8)], ((1, 0, 1, 1), (2, 0, 2, 1)), "横向合并"),
            ([("甲类", "名称", "金额"), (None, "A", 1), ("乙类", "名称", "金额"), (None, "B", 2)], (), "又出现了表头"),
            ([("甲类", "名称", "金额"), (None, "A", 1), (None, "B", 2)], ((0, 0, 2, 0),), "向下合并到了数据行"),
            ([("中文名", "月球", "别名", "月亮"), ("质量", 7.3, "分类", "卫星"), ("直径", "三千", "面积", 379)], (), "成对排列"),
            ([("只有标题",)], (), "没有找到表头"),
            ([], (), "没有找到表头"),
        ],
    )
    def test_with_the_reason(self, rows, merged, said):
        found = table(*rows, merged=merged)
        assert isinstance(found, NoTable) and said in found.reason


@pytest.mark.parametrize(("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_column_letters(index, letters):
    assert column_letters(index) == letters
