"""A random office: the template's table with rows that fit a form, put through what people do to it, and what must come of it.

Belongs here: the rows, the habits (each a small function), and the oracle (`verdict`). Does not belong here: how cells get into
containers (`writers`), what is asked of how many cases (`test_office`).

A habit is harmless: whatever combination of them was applied, the rows must read back exactly and without an error. A spoiler is
not: it must cost an error or a warning, and whatever else is read must still be what was put in.

Run by hand: `python tests/unit/office.py --count 2000` for the counts, `--seed 17` for one case with its sheet.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

import cn2an
import writers
from inprocess import TERMS
from writers import Grid

from pipelines.collect.containers import Container, Unreadable, open_container
from pipelines.collect.labels import is_unit, normalised_label
from pipelines.collect.problems import Problem
from pipelines.collect.table import read_table
from pipelines.collect.values import ReadTable
from pipelines.forms.model import Form, FormField
from pipelines.forms.template import CODES_SHEET, GUIDE_SHEET

MONTH = "2022-10"
KINDS = {"xlsx": 9, "xls": 4, "ods": 4, "html": 4, "csv": 9}
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16")
DELIMITERS = (",", ",", "\t", "\t", ";", "|", "，")
MONEY = {"元": 1, "千元": 10**3, "万元": 10**4, "亿元": 10**8}
FACTORS = MONEY | {"次": 1, "场次": 1, "人次": 1, "千人次": 10**3, "万人次": 10**4, "万次": 10**4}
WIDE = {code: chr(code + 0xFEE0) for code in range(0x21, 0x7F)}
NUMBERS = ("integer", "decimal")
Raw = str | int | float | date | None


# The rows that are put in

_PLACES = ("411302", "411303", "411321", "411324", "411381", "110108", "310115")
# Names that begin or end as other rows do: totals, notes, sections, signatures.
_STARTS = (
    "",
    "",
    "",
    "",
    "合成",
    "总部",
    "其他",
    "注塑",
    "一种",
    "第三代",
    "二期",
    "单晶",
    "说明书",
    "数据",
    "全自动",
    "小型",
    "计算机",
    "《智慧》",
)
_THINGS = (
    "光伏组件",
    "香菇菌种",
    "石油钻具",
    "艾草提取物",
    "玉雕工艺",
    "数控机床",
    "PLC 控制器",
    "B/S 架构平台",
    "5G 基站",
    "“云”平台",
)
_ENDS = (
    "研制",
    "中试",
    "技术服务",
    "检测；咨询",
    "改造（二期）",
    "开发, 推广",
    "转让|许可",
    "示范 A&B",
    "设计<试行>",
    "审核",
    "统计",
)
_FIRMS = ("宛星", "丹江", "卧龙岗", "*ST 豫南", "共益", "统合", "全兴", "联合", "※白河", "ABC", "小计量", "合计划")
_FIRM_ENDS = ("科技有限公司", "大学", "研究院(南阳)", "农业合作社（社旗）", "电子厂")
_REMARKS = (
    "联系人：张三",
    "已审核",
    "见附件",
    "合计见附表",
    "其中：设备费 2 万元",
    "注：跨县",
    "单位：千元",
    "审核人：李四",
    "2022年10月",
    "0",
    "—",
    "合计",
)


def draw_rows(rng: Random, form: Form) -> list[dict[str, object]]:
    """Rows as the form asks for them: unique keys, exact decimals, made-up names."""
    count = min(rng.choice((1, 2, 3, 4, 5, 6, 7, 8, 10, 12)), _most_rows(form))
    rows: list[dict[str, object]] = []
    keys: set[tuple[object, ...]] = set()
    decimals = rng.choice((0, 1, 2, 2, 4, 6))
    few = {name: [_draw_value(rng, form.by_name[name], decimals) for _ in range(3)] for name in form.by_name}
    while len(rows) < count:
        row = {
            each.name: rng.choice(few[each.name])
            if each.name not in form.grain and each.type not in NUMBERS and rng.random() < 0.6
            else _draw_value(rng, each, decimals)
            for each in form.fields
        }
        if "technology_value" in row:
            row["technology_value"] = min(row["technology_value"], row["contract_value"])
        key = tuple(row[name] for name in form.grain)
        if key not in keys:
            keys.add(key)
            rows.append(row)
    if rng.random() < 0.4:
        rows.sort(key=lambda row: str(row[form.grain[0]]))
    return rows


def _most_rows(form: Form) -> int:
    """How many rows can have keys of their own."""
    lists = [form.by_name[name].codes for name in form.grain]
    return math.prod(len(TERMS.code_lists[codes]) for codes in lists if codes) if all(lists) else 1_000


def _draw_value(rng: Random, of: FormField, decimals: int) -> object:
    if of.type == "code":
        return rng.choice(list(TERMS.code_lists[of.codes or ""].values()))
    if of.type == "integer":
        return rng.choice((0, rng.randrange(10), rng.randrange(200), rng.randrange(20_000), rng.randrange(10**6)))
    if of.type == "decimal":
        whole = rng.choice((0, rng.randrange(10), rng.randrange(1000), rng.randrange(100_000)))
        digits = Decimal(rng.randrange(10**decimals)).scaleb(-decimals) if rng.random() < 0.8 else Decimal(0)
        return Decimal(whole) + digits
    if of.type == "date":
        if not of.required and rng.random() < 0.6:
            return None
        return date(2022, 8, 1) + timedelta(days=rng.randrange(92))
    match of.name:
        case "contract_no":
            if rng.random() < 0.15:
                return f"2022{rng.randrange(10**10):010d}"
            return f"{rng.choice(('2022', '2022', '0202'))}{rng.choice(_PLACES)}{rng.randrange(10**6):06d}"
        case "certificate_no":
            return f"GR20224100{rng.randrange(10**4):04d}"
        case "uscc":
            letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
            return "9141" + "".join(rng.choice(letters if rng.random() < 0.3 else "0123456789") for _ in range(14))
        case "seller_division_code" | "buyer_division_code" | "division_code":
            return rng.choice(_PLACES)
        case "registration_no":
            return f"2022{rng.choice(_PLACES)}0A{rng.randrange(10**6):06d}"
        case "publicised_year":
            return rng.choice(("2021", "2022"))
        case "loan_no" | "project_no":
            return f"{rng.choice(('KJD', 'XM'))}2022{rng.randrange(10**6):06d}"
        case "contract_name":
            return rng.choice(_STARTS) + rng.choice(_THINGS) + rng.choice(_ENDS)
    return rng.choice(_FIRMS) + rng.choice(_FIRM_ENDS)


# The office


@dataclass
class Parent:
    """A label over several columns."""

    text: str
    unit: str | None = None


@dataclass(eq=False)
class Column:
    """A column as the office has it; without a field it is one of its own.

    Attributes:
        words: the label without unit and ornament; `adorn` puts that on.
        written_unit: the unit its numbers are written in.
        bracket: how the unit is put behind the label, `{}` standing for it; None for not at all.
    """

    of: FormField | None
    words: str
    written_unit: str | None = None
    bracket: str | None = None
    adorn: list[Callable[[str], str]] = field(default_factory=list)
    parents: list[Parent] = field(default_factory=list)
    values: list[Raw] = field(default_factory=list)
    is_hidden: bool = False

    @property
    def title(self) -> str:
        text = self.words + (self.bracket.format(self.written_unit) if self.bracket and self.written_unit else "")
        for ornament in self.adorn:
            text = ornament(text)
        return text

    @property
    def is_number(self) -> bool:
        return self.of is not None and self.of.type in NUMBERS


@dataclass(eq=False)
class Line:
    """A row of the sheet: cells by the position of their column; merged are (left, right, rows)."""

    kind: str
    cells: dict[int, Raw] = field(default_factory=dict)
    row: int | None = None
    merged: list[tuple[int, int, int]] = field(default_factory=list)
    is_hidden: bool = False


@dataclass
class Office:
    """One case in the making: what was put in, and the sheet as it stands."""

    rng: Random
    form: Form
    rows: list[dict[str, object]]
    kind: str
    columns: list[Column] = field(default_factory=list)
    habits: list[str] = field(default_factory=list)
    spoiler: str | None = None
    expected: set[str] = field(default_factory=set)  # rule ids one of which the spoiler must cost
    warned: set[str] = field(default_factory=set)  # rule ids of warnings that harmless habits may cost
    styles: dict[str, list[Callable[[Office, FormField, object, Column], Raw]]] = field(default_factory=dict)
    money_unit: str = "万元"
    unit_in_line: bool = True
    above: list[Line] = field(default_factory=list)
    head: list[Line] = field(default_factory=list)
    body: list[Line] = field(default_factory=list)
    below: list[Line] = field(default_factory=list)
    others: list[Grid] = field(default_factory=list)
    written: dict[tuple[int, str], Raw] = field(default_factory=dict)
    untouched: set[tuple[int, str]] = field(default_factory=set)  # written by a spoiler, not by a style
    sheet_name: str = ""
    left: int = 0
    repeated_at: Line | None = None  # the first line of a header that comes again
    is_flat: bool = False  # no merges in the header
    is_low: bool = False  # labels of columns without parents in the lowest row, under blank cells
    is_ragged: bool = False
    is_ruled_below: bool = False
    title_months: bool = True
    encoding: str = "utf-8"
    delimiter: str = ","

    @property
    def is_text(self) -> bool:
        return self.kind in ("csv", "html")

    @property
    def data(self) -> list[Line]:
        return [line for line in self.body if line.row is not None]

    @property
    def spoilt(self) -> bool:
        return self.spoiler is not None

    def column(self, name: str) -> Column | None:
        return next((each for each in self.columns if each.of is not None and each.of.name == name), None)

    def numbers(self) -> list[Column]:
        return [each for each in self.columns if each.is_number]

    def codes(self, of: FormField) -> dict[str, str]:
        return {code: label for label, code in TERMS.code_lists[of.codes or ""].items()}


Habit = Callable[[Office], bool | None]
HABITS: dict[str, list[tuple[float, Habit]]] = {}  # stage -> (how likely, habit)
SPOILERS: dict[str, list[Habit]] = {}  # stage -> spoilers
STAGES = ("columns", "units", "labels", "shape", "styles", "cells", "body", "breaks", "merges", "above", "below", "sheets")


def habit(stage: str, likely: float) -> Callable[[Habit], Habit]:
    def keep(function: Habit) -> Habit:
        HABITS.setdefault(stage, []).append((likely, function))
        return function

    return keep


def spoiler(stage: str, *rule_ids: str) -> Callable[[Habit], Habit]:
    """A spoiler that must cost a warning or an error of one of the rules."""

    def keep(function: Habit) -> Habit:
        SPOILERS.setdefault(stage, []).append(function)
        EXPECTED[function.__name__] = set(rule_ids)
        return function

    return keep


EXPECTED: dict[str, set[str]] = {}


def drawn_forms() -> list[str]:
    """The forms an office is drawn for; one of three columns is no header any more once two of them stand under one label."""
    return sorted(form.form for form in TERMS.forms.values() if len(form.fields) > 3)


def office(seed: int) -> Office:
    """The case of a seed: rows, container, and what the office did, stage by stage."""
    rng = Random(seed)
    wanted = rng.choice([(stage, each) for stage in SPOILERS for each in SPOILERS[stage]]) if rng.random() < 0.25 else None
    needs = {"unit_line_against_the_labels", "unit_in_a_note_against_the_labels", "identifier_through_a_number_cell"}
    ids = ["technical_contracts"] if wanted and wanted[1].__name__ in needs else drawn_forms()
    form = TERMS.forms[rng.choice(ids)].at(MONTH)
    kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
    of = Office(rng, form, draw_rows(rng, form), kind)
    of.encoding, of.delimiter = rng.choice(ENCODINGS), rng.choice(DELIMITERS)
    version = form.version_for(MONTH)
    of.sheet_name = version.sheet if version else "表"
    of.columns = [Column(each, each.label, each.unit, "（{}）" if each.unit else None) for each in form.fields]
    zeal = rng.choice((0.3, 1, 1, 1.6))
    for stage in STAGES:
        if stage in _MADE:
            _MADE[stage](of)
        chosen = [each for likely, each in HABITS.get(stage, []) if rng.random() < likely * zeal]
        rng.shuffle(chosen)
        for each in chosen:
            if each(of) is not False:
                of.habits.append(each.__name__)
        if wanted and wanted[0] == stage and wanted[1](of) is not False:
            of.spoiler = wanted[1].__name__
            of.expected = EXPECTED[of.spoiler]
    return of


# Columns


@habit("columns", 0.3)
def reorder_columns(of: Office) -> None:
    of.rng.shuffle(of.columns)


@habit("columns", 0.3)
def alias_as_label(of: Office) -> bool:
    able = [each for each in of.columns if each.of and each.of.aliases]
    for each in of.rng.sample(able, min(len(able), of.rng.randrange(1, 4))):
        each.words = of.rng.choice(each.of.aliases)
    return bool(able)


@habit("columns", 0.3)
def drop_optional_column(of: Office) -> bool:
    able = [each for each in of.columns if each.of and not each.of.required]
    if not able:
        return False
    gone = of.rng.choice(able)
    of.columns.remove(gone)
    if gone.is_number:
        of.warned.add("table.column_missing")
    for row in of.rows:
        row[gone.of.name] = None
    return True


@habit("columns", 0.3)
def serial_numbers(of: Office) -> None:
    count = range(1, len(of.rows) + 1)
    values = [f"{number}" if of.is_text else number for number in count]
    of.columns.insert(0, Column(None, of.rng.choice(("序号", "序  号", "编号", "No.")), values=values))


@habit("columns", 0.3)
def remarks_column(of: Office) -> None:
    values = [of.rng.choice(_REMARKS) if of.rng.random() < 0.5 else None for _ in of.rows]
    place = len(of.columns) if of.rng.random() < 0.8 else of.rng.randrange(1, len(of.columns) + 1)
    of.columns.insert(place, Column(None, of.rng.choice(("备注", "备  注", "说明")), values=values))


@habit("columns", 0.15)
def column_of_their_own(of: Office) -> None:
    words, values = of.rng.choice(
        (
            ("联系电话", ("0377-63120000", "13800000000", None)),
            ("经办人", ("张三", "李四")),
            ("所属乡镇", ("赊店镇", "全市", None)),
        )
    )
    place = of.rng.randrange(1, len(of.columns) + 1)
    of.columns.insert(place, Column(None, words, values=[of.rng.choice(values) for _ in of.rows]))


@habit("columns", 0.1)
def cells_left_blank(of: Office) -> None:
    """Required cells without a value: None, which validate names; never nought, and the row stays a row."""
    texts = [each for each in of.form.fields if each.type not in NUMBERS]
    # The only text of a row is what makes it one: 合计 beside it in a remark would be a total's.
    names = [each.name for each in of.form.fields if each.required and each.blank == "missing" and texts != [each]]
    if not names:
        return
    for row in of.rng.sample(of.rows, min(2, len(of.rows))):
        row[of.rng.choice(names)] = None


@habit("columns", 0.1)
def key_that_does_not_fit(of: Office) -> bool:
    """What a key column holds need not be a key: the row stays a row, and validate names it."""
    if of.form.by_name[of.form.grain[0]].type != "text":
        return False
    of.rng.choice(of.rows)[of.form.grain[0]] = of.rng.choice(("待办理", "同上", "第3号", "补17", "无编号", "合同1"))
    return True


# Units


@habit("units", 0.5)
def other_unit_of_money(of: Office) -> bool:
    money = [each for each in of.numbers() if each.of.unit in MONEY]
    if not money:
        return False
    of.money_unit = of.rng.choice(("千元", "千元", "亿元", "元"))
    of.unit_in_line = False
    shown = of.rng.choice(("line", "bracket", "line and bracket", "row", "row and line"))
    of.unit_in_line = "line" in shown
    for each in money:
        each.written_unit = of.money_unit
        each.bracket = "（{}）" if "bracket" in shown else None
    if "row" in shown:
        of.habits.append("unit_row")
    return True


@habit("units", 0.2)
def units_left_out_of_the_labels(of: Office) -> bool:
    able = [each for each in of.numbers() if each.written_unit == each.of.unit]
    for each in able:
        each.bracket = None
    return bool(able)


@habit("units", 0.15)
def unit_row_as_the_form_has_it(of: Office) -> bool:
    if "unit_row" in of.habits or any(each.written_unit != each.of.unit and not each.bracket for each in of.numbers()):
        return False
    for each in of.numbers():
        each.bracket = None
    if of.numbers():
        of.habits.append("unit_row")
    return bool(of.numbers())


@habit("units", 0.15)
def counts_in_ten_thousands(of: Office) -> bool:
    each = of.column("attendance")
    if each is None or "unit_row" in of.habits:
        return False
    each.written_unit, each.bracket = "万人次", "（{}）"
    return True


@habit("units", 0.35)
def other_brackets(of: Office) -> bool:
    bracket = of.rng.choice(("({})", "[{}]", "【{}】", "〔{}〕", "（ {} ）", "（单位：{}）", "(单位:{})", "\n（{}）", " （{}）"))
    able = [each for each in of.numbers() if each.bracket]
    for each in able:
        each.bracket = bracket
    return bool(able)


# Labels


@habit("labels", 0.25)
def spaces_within_labels(of: Office) -> None:
    space = of.rng.choice((" ", "  ", "　", "\xa0"))
    for each in of.columns:
        if of.rng.random() < 0.5:
            each.adorn.append(lambda text: re.sub(r"(?<=[\u4e00-\u9fff])(?=[\u4e00-\u9fff])", space, text))


@habit("labels", 0.2)
def line_breaks_within_labels(of: Office) -> bool:
    able = [each for each in of.columns if len(each.words) > 3]
    for each in able:
        each.adorn.append(lambda text: f"{text[:2]}\n{text[2:]}")
    return bool(able)


@habit("labels", 0.2)
def numbered_labels(of: Office) -> None:
    style = of.rng.choice(("{}、", "{}.", "（{}）", "({})", "{}．", "cn、", "（cn）"))
    for number, each in enumerate(of.columns, 1):
        written = style.replace("cn", cn2an.an2cn(number)).format(number)
        each.adorn.append(lambda text, written=written: written + text)


@habit("labels", 0.2)
def required_marks(of: Office) -> None:
    style = of.rng.choice(("*{}", "{}*", "＊{}", "{}（必填）", "{}(必填)", " {} "))
    for each in of.columns:
        if each.of is not None and each.of.required:
            each.adorn.append(style.format)


@habit("labels", 0.1)
def wide_letters_in_labels(of: Office) -> None:
    for each in of.columns:
        each.adorn.append(lambda text: text.translate(WIDE))


# Shape of the header

_GROUPS: dict[str, list[tuple[str, dict[str, tuple[str, ...]]]]] = {
    "technical_contracts": [
        ("卖方", {"seller_name": ("名称", "卖方名称"), "seller_division_code": ("行政区划代码", "地区代码")}),
        ("买方", {"buyer_name": ("名称", "买方名称"), "buyer_division_code": ("行政区划代码", "地区代码")}),
        ("合同金额", {"contract_value": ("成交额", "合同成交额"), "technology_value": ("技术交易额", "其中：技术交易额")}),
        ("日期", {"signed_on": ("签订日期",), "registered_on": ("登记日期",)}),
    ],
    "high_tech_enterprises": [
        ("企业", {"enterprise_name": ("名称", "企业名称"), "uscc": ("统一社会信用代码",)}),
        ("证书", {"certificate_no": ("编号", "证书编号"), "issued_on": ("发证日期",), "valid_until": ("有效期至",)}),
    ],
    "popular_science_events": [
        ("活动", {"activity_type": ("类别", "活动类别"), "channel": ("方式", "活动方式")}),
        ("开展情况", {"event_count": ("活动次数", "场次"), "attendance": ("参加人次", "人次")}),
    ],
    "tech_smes": [
        ("企业", {"enterprise_name": ("名称", "企业名称"), "uscc": ("统一社会信用代码",)}),
        ("入库", {"registered_on": ("入库日期", "入库时间"), "registration_no": ("登记编号", "入库登记编号")}),
        ("规模", {"staff_count": ("职工总数", "职工人数"), "rd_staff_count": ("科技人员数", "其中：科技人员")}),
    ],
    "innovation_platforms": [
        ("平台", {"platform_name": ("名称",), "platform_type": ("类别", "平台类型"), "platform_level": ("级别", "认定级别")}),
        ("依托单位", {"host_name": ("建设单位",), "uscc": ("统一社会信用代码", "依托单位统一社会信用代码")}),
    ],
    "incubators": [
        ("载体", {"carrier_name": ("名称",), "carrier_type": ("类别", "载体类型"), "carrier_level": ("级别", "认定级别")}),
        ("季末情况", {"incubated_enterprises": ("在孵企业数", "在孵企业"), "floor_area": ("场地面积", "孵化场地面积")}),
    ],
    "sci_tech_loans": [
        ("贷款", {"loan_product": ("种类", "贷款种类"), "bank_name": ("贷款银行", "经办银行")}),
        ("日期", {"granted_on": ("放款日期", "发放日期"), "matures_on": ("到期日期", "到期日")}),
    ],
    "sci_tech_projects": [
        ("立项或授奖", {"project_no": ("编号", "项目编号"), "approved_on": ("日期", "立项日期")}),
        ("承担单位", {"undertaker_name": ("牵头单位", "完成单位"), "uscc": ("统一社会信用代码",)}),
    ],
    "association_work": [
        ("新增或举办数", {"item_count": ("本季数", "本季新增或举办数"), "item_count_ytd": ("本年累计数", "年初累计数")}),
        ("本季", {"participants": ("参加人数", "本季参加人数"), "attendance": ("参加人次", "本季参加人次")}),
    ],
    "sci_tech_commissioners": [
        ("本季", {"training_sessions": ("培训场次", "本季培训场次"), "households_served": ("服务农户数", "本季服务农户数")}),
    ],
    "rd_statistics": [
        ("企业", {"active_enterprise_count": ("有R&D活动企业数",), "institution_enterprise_count": ("有研发机构的企业数",)}),
        ("研发投入", {"rd_expenditure": ("R&D经费内部支出", "研发经费"), "rd_personnel_fte": ("R&D人员全时当量",)}),
    ],
}


@habit("shape", 0.35)
def header_in_several_rows(of: Office) -> bool:
    groups = _GROUPS[of.form.form]
    for text, members in of.rng.sample(groups, of.rng.randrange(1, len(groups) + 1)):
        held = [each for name in members if (each := of.column(name)) is not None]
        if len(held) < 2:
            continue
        place = min(of.columns.index(each) for each in held)
        of.columns = [each for each in of.columns if each not in held]
        of.columns[place:place] = held
        parent = Parent(text)
        for each in held:
            each.words = of.rng.choice(members[each.of.name])
            each.adorn = []
            each.parents = [parent]
        share = all(each.is_number for each in held) and held[0].written_unit == held[1].written_unit and held[0].bracket
        if share and of.rng.random() < 0.5:
            parent.unit = held[0].written_unit
            for each in held:
                each.bracket = None
    grouped = [each for each in of.columns if each.parents]
    if grouped and of.rng.random() < 0.25:
        top = Parent(of.rng.choice(("登记情况", "基本信息", "本月情况")))
        first, last = of.columns.index(grouped[0]), of.columns.index(grouped[-1])
        span = of.columns[first : last + 1]
        for each in span:
            each.parents = [top, *each.parents]
        of.habits.append("header_in_three_rows")
    return bool(grouped)


@habit("shape", 0.4)
def header_without_merges(of: Office) -> bool:
    of.is_flat = True
    return any(each.parents for each in of.columns)


@habit("shape", 0.1)
def labels_in_the_lowest_row(of: Office) -> bool:
    if not any(each.parents for each in of.columns):
        return False
    of.is_flat = of.is_low = True
    return True


def _make_head(of: Office) -> None:
    """The rows of labels; labels without parents stand on top, merged down."""
    depth = max(len(each.parents) for each in of.columns) + 1
    of.head = [Line("header") for _ in range(depth)]
    flat = of.is_flat or of.kind == "csv"
    for place, each in enumerate(of.columns):
        level = depth - 1 if of.is_low else len(each.parents)
        of.head[level].cells[place] = each.title
        if level + 1 < depth and not flat:
            of.head[level].merged.append((place, place, depth - level))
        for level, parent in enumerate(each.parents):
            if place and level < len(of.columns[place - 1].parents) and of.columns[place - 1].parents[level] is parent:
                continue
            right = place
            while right + 1 < len(of.columns) and parent in of.columns[right + 1].parents:
                right += 1
            of.head[level].cells[place] = parent.text + (f"（{parent.unit}）" if parent.unit else "")
            if right > place and not flat:
                of.head[level].merged.append((place, right, 1))
    if "unit_row" in of.habits:
        style = of.rng.choice(("{}", "（{}）", "({})"))
        units = {place: style.format(each.written_unit) for place, each in enumerate(of.columns) if each.written_unit}
        of.head.append(Line("units", units))


@habit("cells", 0.2)
def column_numbers(of: Office) -> None:
    style = of.rng.choice(("stems", "plain", "(1)", "circled", "text"))
    cells: dict[int, Raw] = {}
    number = 0
    stems = iter("甲乙丙丁戊己庚辛壬癸")
    for place, each in enumerate(of.columns):
        if style == "stems" and not each.is_number and number == 0 and (stem := next(stems, None)):
            cells[place] = stem
            continue
        number += 1
        plain: Raw = str(number) if of.is_text or style == "text" else number
        cells[place] = {"(1)": f"({number})", "circled": chr(0x245F + number)}.get(style, plain)
    of.head.append(Line("numbers", cells))


@habit("cells", 0.15)
def labels_translated(of: Office) -> None:
    english = ("Contract No.", "Name", "Type", "Field", "Date", "Value (yuan)", "Seller", "Code", "Buyer", "Number", "Remarks")
    after = sum(line.kind == "header" for line in of.head)
    cells: dict[int, Raw] = {place: english[place % len(english)] for place in range(len(of.columns))}
    of.head.insert(after, Line("translation", cells))


# How a cell is written


def _style(kind: str, likely: float) -> Callable[..., object]:
    """A habit of writing cells: the function gives the cell, or None where it has no way to."""

    def keep(function: Callable[[Office, FormField, object, Column], Raw]) -> object:
        def begin(of: Office) -> None:
            of.styles.setdefault(kind, []).append(function)

        begin.__name__ = function.__name__
        HABITS.setdefault("styles", []).append((likely, begin))
        return function

    return keep


def _digits(number: object) -> str:
    return f"{Decimal(str(number)):f}"


def _in_unit(number: object, from_unit: str | None, to_unit: str | None) -> Decimal:
    """The number in another unit, exactly."""
    if from_unit == to_unit or from_unit is None or to_unit is None:
        return Decimal(str(number))
    return Decimal(str(number)) * FACTORS[from_unit] / FACTORS[to_unit]


def _cell_of(number: Decimal, of: Office) -> Raw:
    """A number as a program saves it: a number cell, or its digits in a text."""
    if of.is_text:
        return _digits(number)
    if number == int(number):
        return int(number)
    return float(number) if Decimal(repr(float(number))) == number else _digits(number)


@_style("number", 0.2)
def number_as_text(of: Office, _: FormField, number: object, __: Column) -> Raw:
    return _digits(number)


@_style("number", 0.2)
def thousands_separators(of: Office, _: FormField, number: object, __: Column) -> Raw:
    text = f"{Decimal(str(number)):,f}"
    return text.replace(",", of.rng.choice((",", "，"))) if "," in text else None


@_style("number", 0.2)
def full_width_digits(of: Office, _: FormField, number: object, __: Column) -> Raw:
    return _digits(number).translate(WIDE)


@_style("number", 0.2)
def chinese_numerals(of: Office, _: FormField, number: object, column: Column) -> Raw:
    exact = Decimal(str(number))
    if exact >= 10**4 and column.written_unit not in ("元", "次", "人次"):
        return None  # 三万二千 in a column of 万元 may be either
    whole, _point, decimals = _digits(exact).partition(".")
    text = cn2an.an2cn(int(whole), of.rng.choice(("low", "up")))
    digits = "零一二三四五六七八九" if of.rng.random() < 0.5 else "〇一二三四五六七八九"
    return text + ("点" + "".join(digits[int(each)] for each in decimals) if decimals else "")


@_style("number", 0.25)
def unit_in_the_cell(of: Office, to: FormField, number: object, column: Column) -> Raw:
    if to.unit is None:
        return None
    units = list(MONEY) if to.unit in MONEY else {"人次": ["人次", "万人次"], "次": ["次", "场次"]}.get(to.unit, [to.unit])
    unit = of.rng.choice(units)
    text = _digits(_in_unit(number, column.written_unit, unit).normalize())
    return of.rng.choice(("{}{}", "{} {}")).format(text, unit)


@_style("number", 0.2)
def spaces_around_numbers(of: Office, _: FormField, number: object, __: Column) -> Raw:
    return of.rng.choice((" {}", "{} ", "　{}", "{}\xa0", "{}\u200b", "'{}", "+{}")).format(_digits(number))


@_style("date", 0.6)
def days_in_other_ways(of: Office, _: FormField, value: object, __: Column) -> Raw:
    day = value
    assert isinstance(day, date)
    plain = f"{day.year}{{0}}{day.month}{{0}}{day.day}"
    ways = [
        plain.format("."),
        plain.format("/"),
        plain.format("-"),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year} 年 {day.month} 月 {day.day} 日",
        f"{day:%Y%m%d}",
        f"{day:%Y-%m-%d} 00:00:00",
        f"{day:%Y-%m-%d}".translate(WIDE),
        f"　{day:%Y/%m/%d} ",
        _chinese_day(day),
    ]
    return of.rng.choice(ways)


def _chinese_day(day: date) -> str:
    """Of 2022 alone."""
    month, number = (cn2an.an2cn(each).replace("一十", "十") if each < 20 else cn2an.an2cn(each) for each in (day.month, day.day))
    return f"二〇二二年{month}月{number}日"


@_style("date", 0.2)
def days_as_numbers(of: Office, _: FormField, value: object, __: Column) -> Raw:
    if of.is_text:
        return None
    assert isinstance(value, date)
    return of.rng.choice(((value - date(1899, 12, 30)).days, int(f"{value:%Y%m%d}")))


@_style("code", 0.25)
def codes_for_labels(of: Office, to: FormField, value: object, __: Column) -> Raw:
    return str(value)


@_style("code", 0.25)
def spaced_labels(of: Office, to: FormField, value: object, __: Column) -> Raw:
    label = of.codes(to)[str(value)]
    return of.rng.choice((f" {label}", f"{label}　", f"{label[:2]} {label[2:]}", f"{label[:1]}　{label[1:]}", f"1、{label}"))


@_style("identifier", 0.3)
def odd_identifiers(of: Office, to: FormField, value: object, __: Column) -> Raw:
    text = str(value)
    ways = [
        f"'{text}",
        f"{text} ",
        f"　{text}",
        text.translate(WIDE),
        f"{text[:6]} {text[6:]}".strip(),
        f"{text}\u200b",
        f"‘{text}",
    ]
    if text.upper() != text.lower():
        ways.append(text.lower())
    return of.rng.choice(ways)


@_style("identifier", 0.2)
def short_identifiers_as_numbers(of: Office, to: FormField, value: object, __: Column) -> Raw:
    text = str(value)
    return int(text) if text.isdigit() and len(text) < 15 and text[0] != "0" and not of.is_text else None


@_style("text", 0.2)
def odd_spaces_and_wide_letters_in_names(of: Office, _: FormField, value: object, __: Column) -> Raw:
    text = str(value)
    wide = {code: letter for code, letter in WIDE.items() if chr(code).isalnum()}
    return of.rng.choice((f" {text}", f"{text}　", f"{text}\xa0", text.translate(wide), f"\u200b{text}"))


@_style("blank", 0.4)
def signs_for_nothing(of: Office, to: FormField, _: object, __: Column) -> Raw:
    return of.rng.choice((" ", "　")) if to.required else of.rng.choice(("-", "—", "/", "无", " ", "　"))


def _make_cells(of: Office) -> None:
    for number, row in enumerate(of.rows):
        line = Line("data", row=number)
        for place, column in enumerate(of.columns):
            if column.of is None:
                cell = column.values[number]
            else:
                cell = _write(of, column.of, row[column.of.name], column)
                of.written[number, column.of.name] = cell
            line.cells[place] = cell
        of.body.append(line)


def _write(of: Office, to: FormField, value: object, column: Column) -> Raw:
    if to.type in NUMBERS and value is not None:
        value = _in_unit(value, to.unit, column.written_unit).normalize()
    kind = "number" if to.type in NUMBERS else "identifier" if to.pattern else to.type
    if value is None:
        kind = "blank"
    styles = of.styles.get(kind)
    if styles and of.rng.random() < 0.4 and (cell := of.rng.choice(styles)(of, to, value, column)) is not None:
        return cell
    if value is None:
        return None
    if isinstance(value, Decimal):
        return _cell_of(value, of)
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}" if of.is_text else value
    return of.codes(to)[str(value)] if to.type == "code" else str(value)


# Rows that are no data


def _first_places(of: Office) -> list[int]:
    """Where the label of a total may stand: at the front, or in the first column of text that is the form's."""
    places = [0]
    if of.columns[0].of is None:
        places += [place for place, each in enumerate(of.columns[:3]) if each.of is not None and not each.is_number]
    return [place for place in places if not of.columns[place].is_number]


def _sum_line(of: Office, kind: str, label: str, rows: Iterable[int], round_to: int | None = None) -> Line | None:
    """A row of sums, each written in the unit of its column."""
    places = _first_places(of)
    numbers = of.numbers()
    if not places or not numbers:
        return None
    line = Line(kind, {of.rng.choice(places): label})
    rows = list(rows)
    for each in numbers:
        total = sum((Decimal(str(of.rows[number][each.of.name] or 0)) for number in rows), Decimal(0))
        total = _in_unit(total, each.of.unit, each.written_unit)
        if round_to is not None and each.of.type == "decimal":
            # Never to nothing: a total of 0 is a formula that was not computed.
            total = total.quantize(Decimal(1).scaleb(-round_to), ROUND_HALF_UP) or total
        line.cells[of.columns.index(each)] = _total_cell(of, total)
    following = 0
    while following + 1 < len(of.columns) and following + 1 not in line.cells and 0 in line.cells:
        following += 1
    if following and of.kind != "csv" and of.rng.random() < 0.3:
        line.merged.append((0, following, 1))
    elif kind == "total" and of.rng.random() < 0.2:
        for place, each in enumerate(of.columns):
            if not each.is_number and place not in line.cells:
                line.cells[place] = of.rng.choice(("—", "/", "×"))
    return line


def _total_cell(of: Office, total: Decimal) -> Raw:
    total = total.normalize()
    if not of.is_text and of.rng.random() < 0.3 and total != int(total):
        return math.nextafter(float(total), math.inf)  # what adding up in floating point leaves
    return _cell_of(total, of)


_TOTALS = ("合计", "合  计", "总计", "小 计", "合计：", "共计", "合　计", "Total", "本月合计")


@habit("body", 0.3)
def total_row(of: Office) -> bool:
    rounding = of.rng.choice((None, None, 0, 1, 2))
    line = _sum_line(of, "total", of.rng.choice(_TOTALS), range(len(of.rows)), rounding)
    if line is None:
        return False
    if rounding is not None:
        of.habits.append("rounded_total")
    of.body.insert(0 if of.rng.random() < 0.3 else len(of.body), line)
    return True


@habit("body", 0.15)
def of_which_row(of: Office) -> bool:
    rows = [number for number in range(len(of.rows)) if of.rng.random() < 0.5]
    line = _sum_line(of, "part", of.rng.choice(("其中：线上", "其中", "其中：技术开发", "#重点")), rows)
    totals = [place for place, each in enumerate(of.body) if each.kind == "total"]
    if line is None or not totals:
        return False
    of.body.insert(totals[-1] + 1, line)
    return True


@habit("body", 0.2)
def sections(of: Office) -> bool:
    """Headings 一、… over runs of rows, at times each with its 小计."""
    if len(of.rows) < 2 or any(line.row is None for line in of.body):
        return False
    has_sums = of.rng.random() < 0.6
    is_sum_first = has_sums and of.rng.random() < 0.2
    cuts = sorted(of.rng.sample(range(1, len(of.rows)), min(len(of.rows) - 1, of.rng.randrange(1, 3))))
    style = of.rng.choice(("{}、{}", "（{}）{}", "第{}部分 {}"))
    body: list[Line] = []
    for number, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(of.rows)], strict=True), 1):
        heading = Line("section", {0: style.format(cn2an.an2cn(number), of.rng.choice(("线下", "市直单位", "技术开发类")))})
        if of.kind != "csv" and of.rng.random() < 0.5:
            heading.merged.append((0, len(of.columns) - 1, 1))
        sums = _sum_line(of, "total", of.rng.choice(("小计", "小  计")), range(start, end)) if has_sums else None
        rows = of.body[start:end]
        body += [heading, *([sums] if sums and is_sum_first else []), *rows, *([sums] if sums and not is_sum_first else [])]
    of.body = body
    return True


@habit("breaks", 0.25)
def blank_rows_between(of: Office) -> None:
    for _ in range(of.rng.randrange(1, 4)):
        of.body.insert(of.rng.randrange(len(of.body) + 1), Line("blank", {0: of.rng.choice((None, " ", "　"))}))


@habit("breaks", 0.2)
def header_repeated(of: Office) -> bool:
    """A page break: the header block once more, whole or without what stands under the labels."""
    places = [place for place, line in enumerate(of.body) if place and line.row is not None]
    if not places:
        return False
    lines = of.head if of.rng.random() < 0.5 else [line for line in of.head if line.kind == "header"]
    place = of.rng.choice(places)
    of.body[place:place] = [Line("again", dict(line.cells), merged=list(line.merged)) for line in lines]
    of.repeated_at = of.body[place]
    return True


@habit("merges", 0.2)
def blank_for_the_same_as_above(of: Office) -> bool:
    able = [each for each in of.columns if each.of and each.of.blank == "same_as_above" and not of.spoilt]
    if any("全市" in each.values for each in of.columns):
        return False  # then the first thing in the row says that it is of the whole city
    done = False
    for each in able:
        place = of.columns.index(each)
        for upper, lower in zip(of.data, of.data[1:], strict=False):
            if of.rows[upper.row][each.of.name] == of.rows[lower.row][each.of.name]:
                lower.cells[place] = of.rng.choice((None, None, " "))
                of.written[lower.row, each.of.name] = of.written[upper.row, each.of.name]
                done = True
    return done


@habit("merges", 0.25)
def text_merged_downwards(of: Office) -> bool:
    """Equal cells of neighbouring rows as one, in workbooks."""
    if of.kind == "csv" or of.spoilt:
        return False
    done = False
    for place, each in enumerate(of.columns):
        if each.of is None or each.is_number or of.rng.random() < 0.4:
            continue
        runs: list[list[Line]] = []
        for line in of.body:
            value = None if line.row is None else of.rows[line.row][each.of.name]
            previous = None if not runs or not runs[-1] else of.rows[runs[-1][-1].row][each.of.name]
            if value is None:
                runs.append([])
            elif runs and runs[-1] and value == previous:
                runs[-1].append(line)
            else:
                runs.append([line])
        for run in runs:
            if len(run) > 1 and (cell := run[0].cells[place]) is not None and not (isinstance(cell, str) and not cell.strip()):
                run[0].merged.append((place, place, len(run)))
                for line in run:
                    line.cells[place] = cell if line is run[0] else None
                    of.written[line.row, each.of.name] = cell
                done = True
    return done


@habit("merges", 0.15)
def hidden_rows(of: Office) -> bool:
    if of.kind == "csv":
        return False
    for line in of.rng.sample(of.data, min(len(of.data), of.rng.randrange(1, 3))):
        line.is_hidden = True
    of.warned.add("row.hidden")
    return True


@habit("merges", 0.1)
def hidden_columns(of: Office) -> bool:
    if of.is_text:
        return False
    of.rng.choice(of.columns).is_hidden = True
    of.warned.add("column.hidden")
    return True


# Above and below the table


def _make_above(of: Office) -> None:
    """The template's own two lines."""
    last = len(of.columns) - 1
    parts = ["填报单位：宛城区", "月份：2022年10月"]
    if of.rng.random() < 0.5:
        parts.append("填报日期：2022年11月5日")
    if of.unit_in_line and any(each.of.unit in MONEY for each in of.numbers()):
        parts.append(f"单位：{of.money_unit}")
    of.above = [
        Line("title", {0: of.form.title}, merged=[(0, last, 1)]),
        Line("line", {0: "　　".join(parts)}, merged=[(0, last, 1)]),
    ]


@habit("above", 0.3)
def other_title_rows(of: Office) -> None:
    """A title with city and month, perhaps over two rows, merged or not, with a number of the annex over it."""
    last = len(of.columns) - 1
    titles = [f"南阳市宛城区2022年10月{of.form.title}（试行）"]
    if of.rng.random() < 0.3:
        titles = [f"南阳市{of.form.title}", "2022年10月"]
    lines = []
    for title in titles:
        place = of.rng.choice((0, 0, len(of.columns) // 2))
        lines.append(Line("title", {place: title}, merged=[(0, last, 1)] if place == 0 and of.rng.random() < 0.7 else []))
    if of.rng.random() < 0.3:
        lines.insert(0, Line("title", {0: of.rng.choice(("附件1", "附表一：", "机密★"))}))
    of.above[:1] = lines


@habit("above", 0.35)
def information_in_several_cells(of: Office) -> None:
    """填报单位 on the left, the month in the middle, the unit on the right."""
    of.above = [line for line in of.above if line.kind != "line"]
    last = len(of.columns) - 1
    cells: dict[int, Raw] = {0: of.rng.choice(("填报单位：宛城区科技局", "填报单位（盖章）：宛城区科技局", "单位：宛城区"))}
    if of.rng.random() < 0.6:
        cells[max(1, last // 2)] = of.rng.choice(("2022年10月", "填报日期：2022年11月5日", "2022 年 10 月"))
    if of.unit_in_line and any(each.of.unit in MONEY for each in of.numbers()):
        text = of.rng.choice(
            ("单位：{}", "计量单位：{}", "金额单位：{}", "单位:{}", "单位：人民币{}", "（单位：{}）", "单位：{}、项", "单 位：{}")
        )
        cells[last] = text.format(of.money_unit)
    of.above.append(Line("line", cells))


@habit("above", 0.15)
def number_of_the_form(of: Office) -> None:
    """表号 and who made it, in the last columns."""
    last = len(of.columns) - 1
    of.above[1:1] = [
        Line("line", {last: text}) for text in ("表    号：豫科统1表", "制定机关：河南省科学技术厅", "文    号：豫科〔2022〕8号")
    ]


@habit("below", 0.1)
def titles_repeated(of: Office) -> bool:
    """A page break with the lines above the table, too."""
    if of.repeated_at is None or not of.above:
        return False
    place = of.body.index(of.repeated_at)
    of.body[place:place] = [Line("again", dict(line.cells), merged=list(line.merged)) for line in of.above]
    return True


@habit("above", 0.2)
def blank_rows_above(of: Office) -> None:
    of.above.insert(of.rng.randrange(len(of.above) + 1), Line("blank"))


@habit("above", 0.1)
def nothing_above(of: Office) -> bool:
    if of.unit_in_line and of.money_unit != "万元" and any(each.of.unit in MONEY and not each.bracket for each in of.numbers()):
        return False
    of.above = []
    return True


@habit("below", 0.3)
def notes(of: Office) -> None:
    texts = (
        "注：1.本表按登记地统计。",
        "说明：金额以合同为准",
        "数据来源：技术合同登记系统",
        "※ 含跨县合同",
        "备注：无",
        "填表说明：同上月",
    )
    of.below.append(Line("note", {0: of.rng.choice(texts)}))


@habit("below", 0.3)
def signatures(of: Office) -> None:
    last = len(of.columns) - 1
    if of.rng.random() < 0.3:
        lines = [Line("footer", {0: "单位负责人：张三　　审核人：李四　　填报人：王五　　联系电话：0377-63120000"})]
    elif of.rng.random() < 0.5:
        lines = [Line("footer", {0: "单位负责人：张三", max(1, last // 2): "填报人：李四", last: "报出日期：2022年11月5日"})]
    else:
        lines = [Line("footer", {0: "填报人：", 1: "李四", 2: "联系电话：", 3: "0377-63120000" if of.is_text else 13800000000})]
    if of.rng.random() < 0.5:
        lines.insert(0, Line("blank"))
    of.below += lines


@habit("below", 0.1)
def seal_and_date(of: Office) -> None:
    """The lines at the lower right after the signatures."""
    last = len(of.columns) - 1
    of.below += [
        Line("footer", {0: "填报人：李四"}),
        Line("blank"),
        Line("footer", {last: "（公章）"}),
        Line("footer", {last: "2022年11月5日"}),
    ]


@habit("below", 0.1)
def notes_of_several_lines(of: Office) -> None:
    of.below += [Line("note", {0: "注：1.本表由登记机构填报；"}), Line("note", {0: "　　2.金额保留两位小数。"})]


# Sheets and containers


@habit("sheets", 0.15)
def table_begins_further_right(of: Office) -> bool:
    of.left = of.rng.randrange(1, 3)
    return True


@habit("sheets", 0.3)
def formatting_only_below_and_beside(of: Office) -> bool:
    of.is_ruled_below = True
    return of.kind != "html"


@habit("sheets", 0.3)
def ragged_lines(of: Office) -> bool:
    of.is_ragged = True
    return of.is_text


@habit("sheets", 0.3)
def guide_sheet(of: Office) -> bool:
    if of.is_text:
        return False
    rows: list[list[Raw]] = [[f"{of.form.title}填表说明"], [], ["栏目", "单位", "必填", "口径"]]
    rows += [[each.label, each.unit, "是" if each.required else "否", each.definition] for each in of.form.fields]
    of.others.append(Grid(GUIDE_SHEET, rows))
    return True


@habit("sheets", 0.25)
def hidden_sheets(of: Office) -> bool:
    if of.is_text:
        return False
    of.others.append(Grid(CODES_SHEET, [["contract_type"], ["技术开发"]], is_hidden=True))
    before = _last_month(of)
    before.name, before.is_hidden = "旧", True
    of.others.append(before)
    return True


@habit("sheets", 0.2)
def last_months_sheet_left_in(of: Office) -> bool:
    """It bears its month in its name; this month's is called as the form has it, or by its month too."""
    if of.is_text or "sheet_renamed" in of.habits:
        return False
    before = _last_month(of)
    before.name = of.rng.choice(("2022-09", "2022年9月", "上月", "技术合同 (2)"))
    if before.name.startswith("2022") and of.rng.random() < 0.4:
        of.sheet_name = of.rng.choice(("2022-10", "2022年10月"))
    of.others.insert(0 if of.rng.random() < 0.5 else len(of.others), before)
    below = before.rows[len(of.above) + len(of.head) :]
    if any(cell is not None and str(cell).strip() for row in below for cell in row):  # a header alone is an empty copy
        of.warned.add("table.other_sheet")
    return True


@habit("sheets", 0.2)
def sheet_renamed(of: Office) -> bool:
    if of.is_text or "last_months_sheet_left_in" in of.habits:
        return False
    of.sheet_name = of.rng.choice(("Sheet1", "10月", "报表 (2)"))
    return True


def _last_month(of: Office) -> Grid:
    """The same table a month ago: other titles, fewer rows."""
    grid = _grid(of, [*of.above, *of.head, *of.body[: max(1, len(of.body) // 2)]])

    def aged(cell: Raw) -> Raw:
        if isinstance(cell, date):
            return cell - timedelta(days=31)
        return (
            cell.replace("2022年11月5日", "2022年10月8日").replace("2022年10月", "2022年9月", 1)
            if isinstance(cell, str)
            else cell
        )

    height = len(of.above)
    rows = [
        [_aged_title(cell) for cell in row] if number < height else [aged(cell) for cell in row]
        for number, row in enumerate(grid.rows)
    ]
    return Grid("上月", rows, [found for found in grid.merged if found[2] < len(rows)])


def _aged_title(cell: Raw) -> Raw:
    if not isinstance(cell, str):
        return cell
    return re.sub("2022 ?年 ?10 ?月(?! ?8)", "2022年9月", cell).replace("2022年11月5日", "2022年10月8日")


# Spoilers


def _pick(of: Office, able: Callable[[FormField], bool]) -> tuple[Line, int, Column] | None:
    """A cell of a field that is able, to be spoilt."""
    columns = [each for each in of.columns if each.of is not None and able(each.of)]
    if not columns:
        return None
    column = of.rng.choice(columns)
    return of.rng.choice(of.data), of.columns.index(column), column


def _spoil_cell(of: Office, able: Callable[[FormField], bool], writings: Callable[[object, Column], list[Raw]]) -> bool:
    found = _pick(of, able)
    if found is None:
        return False
    line, place, column = found
    writing = of.rng.choice(writings(of.rows[line.row][column.of.name], column))
    line.cells[place] = of.written[line.row, column.of.name] = writing
    return True


@spoiler("columns", "table.column_missing", "table.header_missing")
def required_column_removed(of: Office) -> None:
    gone = of.rng.choice([each for each in of.columns if each.of and each.of.required])
    of.columns.remove(gone)


@spoiler("shape", "table.column_missing", "table.header_missing")
def label_misspelt(of: Office) -> None:
    each = of.rng.choice([each for each in of.columns if each.of and each.of.required])
    place = of.rng.randrange(len(each.words))
    each.words = each.words[:place] + "贰" + each.words[place + 1 :]


@spoiler("shape", "table.column_missing", "table.header_missing")
def another_quantity_in_its_place(of: Office) -> bool:
    able = [each for each in of.numbers() if each.of.required]
    if not able:
        return False
    each = of.rng.choice(able)
    word = of.rng.choice(("累计", "上年同期", "本年计划", "同比增长"))
    if of.rng.random() < 0.5:
        each.words = word + each.words
    else:
        each.parents = [Parent(word)]
        of.is_low = False  # alone in its row and not merged it is a title
        beside = Column(None, "占比", values=[None] * len(of.rows), parents=each.parents)
        of.columns.insert(of.columns.index(each) + 1, beside)
    return True


@spoiler("shape", "table.column_twice", "table.header_missing")
def column_doubled(of: Office) -> bool:
    able = [each for each in of.columns if each.of and not each.parents]
    if not able:
        return False
    each = of.rng.choice(able)
    values: list[Raw] = [of.rng.choice(("1", "甲", None)) for _ in of.rows]
    of.columns.insert(
        of.rng.randrange(len(of.columns) + 1), Column(None, each.words, each.written_unit, each.bracket, values=values)
    )
    return True


@spoiler("columns", "table.column_twice")
def tables_side_by_side(of: Office) -> None:
    again = [
        Column(None, each.words, each.written_unit, each.bracket, values=["1"] * len(of.rows)) for each in of.columns if each.of
    ]
    of.columns += [Column(None, "", values=[None] * len(of.rows)), *again]


@spoiler("shape", "column.unit")
def unit_of_another_kind(of: Office) -> bool:
    able = of.numbers()
    if not able or "unit_row" in of.habits:
        return False
    each = of.rng.choice(able)
    each.bracket = f"（{of.rng.choice(('项', '人') if each.of.unit == '万元' else ('万元', '%'))}）"
    return True


@spoiler("breaks", "cell.inexact", "cell.range", "cell.number")
def number_that_is_none(of: Office) -> bool:
    return _spoil_cell(
        of,
        lambda each: each.type in NUMBERS,
        lambda value, _: [f"约{value or 12}", f"{value}余", f"{value}以上", "10-20", "详见附件", "近百", "1,23", "三五", "12 34"],
    )


@spoiler("breaks", "cell.unit", "cell.percent")
def other_unit_in_a_cell(of: Office) -> bool:
    return _spoil_cell(
        of, lambda each: each.type in NUMBERS, lambda value, column: ["12.5%", "3家" if column.of.unit == "万元" else "3万元"]
    )


@spoiler("breaks", "cell.date_month", "cell.date_day", "cell.date")
def day_that_is_none(of: Office) -> bool:
    lost: Raw = "2022.1" if of.is_text else 2022.1
    return _spoil_cell(
        of, lambda each: each.type == "date", lambda *_: [lost, lost, "2022年10月", "10月31日", "2022-02-30", "22.10.31"]
    )


@spoiler("breaks", "cell.number_for_text")
def identifier_through_a_number_cell(of: Office) -> bool:
    return _spoil_cell(
        of,
        lambda each: each.name == "contract_no",
        lambda *_: ["2.02241E+15"] if of.is_text else [2022411302000000.0 + of.rng.randrange(10**6), "2.02241E+15"],
    )


@spoiler("breaks", "cell.error", "cell.formula")
def error_of_excel(of: Office) -> bool:
    return _spoil_cell(of, lambda _: True, lambda *_: ["#REF!", "#N/A", "=SUM(A1:A9)", "########"])


@spoiler("merges", "cell.merged_number")
def number_merged_downwards(of: Office) -> bool:
    able = [
        (upper, lower)
        for upper, lower in zip(of.body, of.body[1:], strict=False)
        if upper.row is not None and lower.row is not None
    ]
    if of.kind == "csv" or not able or not of.numbers() or "text_merged_downwards" in of.habits:
        return False
    upper, lower = of.rng.choice(able)
    column = of.rng.choice(of.numbers())
    place = of.columns.index(column)
    if upper.cells[place] is None:
        return False
    upper.merged.append((place, place, 2))
    lower.cells[place] = None
    of.written[lower.row, column.of.name] = None
    return True


@spoiler("merges", "table.total")
def wrong_total(of: Office) -> bool:
    line = _sum_line(of, "total", of.rng.choice(_TOTALS), range(len(of.rows)))
    if line is None:
        return False
    column = of.rng.choice(of.numbers())
    values = [_in_unit(row[column.of.name] or 0, column.of.unit, column.written_unit) for row in of.rows]
    sums = {sum(values[start:end], Decimal(0)) for start in range(len(values)) for end in range(start + 1, len(values) + 1)}
    total = sum(values, Decimal(0))
    wrong = of.rng.choice((total + max(values) + 1, total * 2 + len(values) + 1, total + len(values)))
    if any(abs(wrong - each) <= len(values) for each in sums) and column.of.type == "decimal":
        wrong = total * 2 + len(values) + 1
    if wrong in sums:
        wrong = total + 1
    line.cells[of.columns.index(column)] = _cell_of(wrong.normalize(), of)
    of.body.append(line)
    return True


@spoiler("below", "table.another_below")
def another_table_below(of: Office) -> bool:
    if len(of.columns) < 4:
        return False
    labels = (
        "志愿者姓名",
        "所在单位",
        "服务领域",
        "服务时长",
        "联系方式",
        "是否注册",
        "服务地点",
        "组织单位",
        "服务内容",
        "服务评价",
        "补贴标准",
    )
    cells: dict[int, Raw] = {place: labels[place % 11] for place in range(len(of.columns))}
    rows = [Line("other", {place: of.rng.choice(("甲", "乙", "5")) for place in range(len(of.columns))}) for _ in range(2)]
    of.below[:0] = [Line("blank"), Line("other", cells), *rows]
    return True


@spoiler("below", "table.header_moved")
def header_again_with_columns_moved(of: Office) -> bool:
    if len(of.head) > 1 or len(of.columns) < 3:
        return False
    own = [place for place, each in enumerate(of.columns) if each.of is not None]
    first, second = of.rng.sample(own, 2)
    places = {first: second, second: first}
    lines = [of.head[0], of.data[-1]]
    of.below[:0] = [Line("other", {places.get(place, place): cell for place, cell in line.cells.items()}) for line in lines]
    return True


@spoiler("sheets", "table.rows_above", "table.header_missing")
def data_above_the_header(of: Office) -> bool:
    if any(line.merged for line in of.body) or len(of.data) < 2:
        return False
    line = of.data[0]
    of.above.append(line)
    of.body.remove(line)
    return True


@spoiler("above", "column.unit")
def unit_line_against_the_labels(of: Office) -> bool:
    if not any(each.bracket and each.of.unit in MONEY for each in of.numbers()) or not of.columns:
        return False
    other = of.rng.choice([unit for unit in MONEY if unit != of.money_unit])
    of.above = [Line("line", {len(of.columns) - 1: f"单位：{other}"})]
    return True


@spoiler("below", "column.unit")
def unit_in_a_note_against_the_labels(of: Office) -> bool:
    if not any(each.of.unit in MONEY for each in of.numbers()):
        return False
    other = of.rng.choice([unit for unit in MONEY if unit != of.money_unit])
    of.below.append(Line("note", {0: f"注：本表金额单位：{other}"}))
    return True


@spoiler("sheets", "table.several_sheets")
def two_sheets_with_the_table(of: Office) -> bool:
    if of.is_text or of.others:
        return False
    before = _grid(of, [*of.head, *of.body])
    before.name, of.sheet_name = "Sheet2", "Sheet1"
    of.above = [line for line in of.above if not any(isinstance(cell, str) and "月" in cell for cell in line.cells.values())]
    of.others.append(before)
    return True


_MADE: dict[str, Callable[[Office], None]] = {"cells": _make_head, "body": _make_cells, "above": _make_above}


# Writing


def _grid(of: Office, lines: list[Line]) -> Grid:
    width = len(of.columns)
    rows, merged, hidden = [], [], set()
    for number, line in enumerate(lines):
        cells = [line.cells.get(place) for place in range(width)]
        rows.append([None] * of.left + cells)
        merged += [
            (number, left + of.left, number + height - 1, right + of.left)
            for left, right, height in line.merged
            if (right > left or height > 1) and of.kind != "csv"
        ]
        if line.is_hidden:
            hidden.add(number)
    hidden_columns = {place + of.left for place, each in enumerate(of.columns) if each.is_hidden}
    return Grid(of.sheet_name, rows, merged, hidden, hidden_columns, is_ruled_below=of.is_ruled_below)


@dataclass
class Case:
    """A file, and where in it each value was written."""

    of: Office
    grid: Grid
    content: bytes
    lines: list[Line]

    def place(self, row: int, name: str) -> tuple[int, int]:
        """0-based row and column of a value that was put in."""
        line = next(number for number, each in enumerate(self.lines) if each.row == row)
        return line, self.of.left + next(place for place, each in enumerate(self.of.columns) if each.of and each.of.name == name)


def make_case(seed: int) -> Case:
    of = office(seed)
    lines = [*of.above, *of.head, *of.body, *of.below]
    grid = _grid(of, lines)
    place = of.rng.randrange(len(of.others) + 1)
    grids = [*of.others[:place], grid, *of.others[place:]]
    if all(each.is_hidden for each in grids[:1]):
        grids = [grid, *of.others]
    match of.kind:
        case "xlsx":
            content = writers.xlsx(grids)
        case "xls":
            content = writers.xls(grids)
        case "ods":
            content = writers.ods(grids)
        case "html":
            content = writers.web_page(grid, "gb18030" if of.encoding == "gb18030" else "utf-8", of.is_ragged)
        case _:
            content = writers.text_file(grid, of.encoding, of.delimiter, of.is_ragged)
    return Case(of, grid, content, lines)


# What must come of it


def ambiguity(of: Office) -> str | None:
    """Why harmless habits together may be refused, though never misread; None when they may not."""
    if not (of.is_flat or of.kind == "csv"):
        return None
    parents = {id(parent): parent for each in of.columns for parent in each.parents}
    if parents and of.is_low:
        return "a label over others that is not merged, nor followed by labels beside it: a title, or over how many columns?"
    for parent in parents.values():
        below = [normalised_label(each.title) for each in of.columns if each.parents and each.parents[-1] is parent]
        if below and all(map(is_unit, below)):
            return "场次 and 人次 under a label that is not merged: labels, or a row of units?"
    return None


@dataclass
class Verdict:
    """What came of a case.

    Attributes:
        outcome: `exact`, `refused` (an error instead of values), `found` (a warning or error on what differs), `differs`.
        faults: what must not be, in words; empty when the case holds.
    """

    outcome: str
    faults: list[str]
    table: ReadTable | None = None


def verdict(case: Case) -> Verdict:
    of = case.of
    try:
        container = open_container(case.content)
    except Unreadable as refused:
        return Verdict("refused", [f"unreadable: {refused.message}"])
    table = read_table(container, of.form, MONTH, TERMS.code_lists)
    faults: list[str] = []
    loud = [each for each in table.problems if each.severity in ("error", "warning")]
    errors = [each for each in loud if each.severity == "error"]
    if of.spoilt:
        if not any(each.rule_id in of.expected for each in loud):
            faults.append(f"nothing says what {of.spoiler} did; found {sorted({each.rule_id for each in loud})}")
    else:
        faults += [f"error without need: {each.rule_id} {each.cell} {each.message}" for each in errors]
        faults += [
            f"warning without need: {each.rule_id} {each.message}"
            for each in loud
            if each.severity == "warning" and each.rule_id not in of.warned
        ]
        for rule_id in of.warned - {each.rule_id for each in loud}:
            if rule_id != "column.hidden" or any(each.is_hidden and each.of for each in of.columns):
                faults.append(f"no warning {rule_id}")
    if errors and not table.row_numbers and ambiguity(of):
        return Verdict("ambiguous", [], table)
    is_refused = any(each.rule_id.startswith(("table.", "column.")) and each.rule_id != "table.total" for each in errors)
    if is_refused and not table.row_numbers:
        return Verdict("refused", faults, table)
    differences = _differences(case, table, loud)
    if differences and not is_refused:
        faults += differences
    faults += _passport_faults(case, table, container)
    if not of.spoilt:
        mine = {number + 1 for number, line in enumerate(case.lines) if line.kind in ("total", "part")}
        if mine != {each.row_number for each in table.totals}:
            faults.append(f"total rows {sorted(mine)} are kept as {[each.row_number for each in table.totals]}")
    outcome = "differs" if faults and differences else "refused" if is_refused else "found" if errors else "exact"
    return Verdict(outcome, faults, table)


def _differences(case: Case, table: ReadTable, loud: list[Problem]) -> list[str]:
    """What differs from what was put in without a word on it."""
    of = case.of
    numbers = {number + 1: line.row for number, line in enumerate(case.lines) if line.row is not None}
    found: list[str] = []
    columns = table.columns
    if table.row_numbers != sorted(table.row_numbers):
        found.append(f"order: {table.row_numbers}")
    for number in numbers.keys() - set(table.row_numbers):
        if not _speak_of_row(loud, number):
            found.append(f"row {number} is missing")
    for place, number in enumerate(table.row_numbers):
        if number not in numbers:
            if not _speak_of_row(loud, number):
                found.append(f"row {number} is no data: {case.grid.rows[number - 1] if number <= len(case.grid.rows) else '?'}")
            continue
        for each in of.form.fields:
            value, wanted = columns[each.name][place], of.rows[numbers[number]][each.name]
            if (type(value), value) != (type(wanted), wanted) and not _speak_of_cell(loud, number, each.name, table, of):
                found.append(f"row {number} {each.name}: {value!r} for {wanted!r}")
    return found


def _speak_of_row(loud: list[Problem], number: int) -> bool:
    at = re.compile(rf"[A-Z]+{number}(?![0-9])")
    said = re.compile(rf"第 (?:[0-9、]+、)?{number}(?:、| 行)|第 ([0-9]+) 行起")
    for each in loud:
        if (each.cell and at.fullmatch(each.cell)) or said.search(each.message):
            return True
        if each.rule_id in ("table.another_below", "table.header_moved") and int(re.sub(r"\D", "", each.cell or "0")) <= number:
            return True
    return False


def _speak_of_cell(loud: list[Problem], number: int, name: str, table: ReadTable, of: Office) -> bool:
    for each in loud:
        if each.field != name or each.cell is None:
            continue
        if each.cell == f"{table.letters.get(name)}{number}":
            return (number, name) in table.unconverted or each.rule_id == "cell.merged_number"
        if each.rule_id == "cell.merged_number" and re.search(rf":[A-Z]+{number} ", each.message):
            return True
    return False


def _passport_faults(case: Case, table: ReadTable, container: Container) -> list[str]:
    """Where the passports name another cell than the one written, or a change another text than stood there."""
    of = case.of
    faults: list[str] = []
    sheet = container.sheet(table.sheet)
    rows = list(sheet.rows) if sheet else []
    lines = {number + 1: line for number, line in enumerate(case.lines)}
    for name, passport in table.passports.items():
        column = of.column(name)
        place = next((at for at, each in enumerate(of.columns) if each is column), None)
        if place is None:
            faults.append(f"passport of {name}, which has no column")
            continue
        index = _index(passport.letters)
        if index != place + of.left and not of.spoilt:
            faults.append(f"{name} is read from {passport.letters}")
            continue
        if column.is_number and passport.unit != column.written_unit:
            faults.append(f"unit of {name} is {passport.unit} for {column.written_unit}")
        for number in table.row_numbers:
            line = lines.get(number)
            if line is None or line.row is None:
                continue
            shown = rows[number - 1][index] if index < len(rows[number - 1]) else None
            if not _same(shown, line.cells.get(place), of):
                faults.append(f"{passport.letters}{number} holds {shown!r}; written was {line.cells.get(place)!r}")
    for name, changes in table.changes.items():
        for number, (before, _) in changes.items():
            line = lines.get(number)
            if line is not None and line.row is not None and not _same(before, of.written[line.row, name], of):
                faults.append(f"change of {name} in row {number}: before {before!r}; written was {of.written[line.row, name]!r}")
    for each in table.problems:
        if each.rule_id == "cell.changed" and each.cell is not None and each.field is not None:
            number = int(re.sub(r"\D", "", each.cell))
            line = lines.get(number)
            if line is None or line.row is None:
                continue
            value = table.columns[each.field][table.row_numbers.index(number)]
            if not _same(each.value, of.written[line.row, each.field], of) or each.expected != (
                None if value is None else f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
            ):
                faults.append(f"finding on {each.cell}: {each.value!r} -> {each.expected!r}")
    return faults


def _index(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _same(shown: object, written: Raw, of: Office) -> bool:
    """Whether a cell as read is the cell as written: numbers as floats, days as times, white space as its container keeps it."""
    if shown is None or written is None:
        return shown is None and (written is None or not str(written).strip())
    if isinstance(written, date) or hasattr(shown, "year"):
        return str(shown)[:10] == str(written)[:10]
    if isinstance(written, int | float):
        return Decimal(str(shown)) == Decimal(str(written))
    text = str(written)
    if of.kind == "html":
        return " ".join(str(shown).split()) == " ".join(text.split())
    return str(shown) == text


def show(seed: int) -> str:
    """A case for people: what was done, the sheet, what came of it."""
    case = make_case(seed)
    of, told = case.of, verdict(case)
    lines = [
        f"seed {seed}: {of.form.form} as {of.kind} ({of.encoding}, {of.delimiter!r}), {len(of.rows)} rows, sheet {of.sheet_name}",
        f"habits: {', '.join(of.habits)}; spoiler: {of.spoiler}",
        f"others: {[(each.name, each.rows[:3]) for each in of.others]}",
        *(
            f"{number:3} {line.kind:8} {row}"
            for number, (line, row) in enumerate(zip(case.lines, case.grid.rows, strict=True), 1)
        ),
        f"merged: {case.grid.merged}",
        f"outcome: {told.outcome}",
        *(f"FAULT {fault}" for fault in told.faults),
    ]
    if told.table is not None:
        lines += [f"{each.severity} {each.rule_id} {each.cell} {each.message}" for each in told.table.problems]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--faults", type=int, default=25)
    asked = parser.parse_args()
    if asked.seed is not None:
        print(show(asked.seed))
        return
    began = time.perf_counter()
    habits, spoilers, outcomes, kinds = Counter(), Counter(), Counter(), Counter()
    shown: dict[str, list[tuple[int, str]]] = {}
    for seed in range(asked.start, asked.start + asked.count):
        case = make_case(seed)
        told = verdict(case)
        habits.update(set(case.of.habits))
        kinds[case.of.kind] += 1
        if case.of.spoiler:
            spoilers[case.of.spoiler] += 1
        outcomes["spoilt" if case.of.spoilt else "harmless", told.outcome, "FAULT" if told.faults else "holds"] += 1
        for fault in told.faults[:1]:
            shape = re.sub(r"“[^”]*”|[A-Z]*[0-9]+|\[.*\]|'[^']*'", "…", fault)[:70]
            shown.setdefault(("S " + str(case.of.spoiler) if case.of.spoilt else "H ") + shape, []).append((seed, fault))
    for name, count in habits.most_common():
        print(f"{count:5} {name}")
    print(dict(spoilers.most_common()))
    print(dict(kinds))
    for (what, outcome, holds), count in sorted(outcomes.items()):
        print(f"{count:5} {what} {outcome} {holds}")
    for shape, found in sorted(shown.items(), key=lambda each: -len(each[1]))[: asked.faults]:
        print(f"{len(found):4} {shape}  seeds {[seed for seed, _ in found[:4]]}\n       {found[0][1][:200]}")
    print(f"{time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    sys.path.insert(0, ".")
    main()
