"""What the checks are called by those who are to mend something.

Belongs here: a short Chinese title for each rule id of the reader and of the schemas. Does not belong here: the rules of forms,
which bring their own.
"""

from __future__ import annotations

from functools import cache

from pipelines.forms.model import load_forms

TITLES = {
    "cell.changed": "读数时的改写",
    "cell.date": "日期",
    "cell.date_day": "日期缺日",
    "cell.date_month": "月份不明",
    "cell.decimals": "小数位数",
    "cell.error": "公式出错",
    "cell.format": "数字格式",
    "cell.formula": "公式没有结果",
    "cell.inexact": "不是准确数",
    "cell.integer": "整数",
    "cell.leading_zeros": "开头的 0",
    "cell.merged": "合并单元格",
    "cell.merged_number": "合并的数",
    "cell.none": "必填栏填了“-”",
    "cell.number": "数字",
    "cell.number_for_text": "编号存成数字",
    "cell.percent": "百分数",
    "cell.range": "填了范围",
    "cell.same_as_above": "同上",
    "cell.text": "文字",
    "cell.unit": "单位",
    "column.hidden": "隐藏的列",
    "column.unit": "列的单位",
    "column.unit_converted": "单位换算",
    "file.empty": "空文件",
    "file.link": "链接",
    "file.lock": "锁文件",
    "file.locked": "已锁定",
    "file.month": "报送月份",
    "file.no_version": "报表版本",
    "file.not_regular": "不是文件",
    "file.remark": "读取说明",
    "file.submitter": "填报单位",
    "file.unfinished": "未传完",
    "file.unidentified": "无法识别",
    "file.unopened": "打不开",
    "file.unreadable": "读不了",
    "row.hidden": "隐藏的行",
    "row.outside": "表外的内容",
    "row.too_long": "多出的栏",
    "rows.duplicate": "重复行",
    "table.another_below": "另一张表",
    "table.column_extra": "多出的列",
    "table.column_missing": "缺列",
    "table.column_renamed": "列改名",
    "table.column_reordered": "列换序",
    "table.column_twice": "列重复",
    "table.emptied": "清空",
    "table.header_again": "重复的表头",
    "table.header_missing": "没有表头",
    "table.header_moved": "表头换了位置",
    "table.lone_label": "孤立的标题",
    "table.nil": "没有数据",
    "table.no_rows": "没有数据行",
    "table.other_sheet": "别的工作表",
    "table.rows_above": "表头以上的行",
    "table.several_sheets": "几张工作表",
    "table.total": "合计",
    "value.code": "可选值",
    "value.code_expired": "停用的选项",
    "value.code_not_yet": "未启用的选项",
    "value.division_expired": "停用的区划代码",
    "value.division_not_yet": "未启用的区划代码",
    "value.division_unknown": "区划代码",
    "value.doubted": "存疑",
    "value.length": "字数",
    "value.pattern": "格式",
    "value.range": "大小",
    "value.required": "必填",
}


@cache
def _titles() -> dict[str, str]:
    return TITLES | {rule.id: rule.title for form in load_forms().values() for rule in form.rules}


def title_of(rule_id: str) -> str:
    """The title of a check in Chinese; its id where it has none."""
    return _titles().get(rule_id, rule_id)
