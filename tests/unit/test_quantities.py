"""What a cell says: numbers, dates, codes and text as people write them, exactly or not at all."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from unittest import mock

import cn2an
import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pipelines.collect import whole_columns
from pipelines.collect.dates import read_month
from pipelines.collect.numerals import Unconvertible
from pipelines.collect.quantities import Value, convert
from pipelines.collect.whole_columns import convert_column
from pipelines.forms.columns import FIELD_TYPES
from pipelines.forms.model import FormField

CODES = {"机关法人": "010", "国家级行政机关": "011", "国有企业": "110", "技术开发": "development", "其他（含未分类）": "other"}
USCC = "[0-9A-HJ-NPQRTUWXY]{18}"


def field(kind: str, **more) -> FormField:
    return FormField(name="x", label="某列", type=kind, definition="某列", codes="c" if kind == "code" else None, **more)


MONEY, COUNT, PERCENT = field("decimal", unit="万元"), field("integer", unit="人次"), field("decimal", unit="%")
PLAIN, WHOLE, DAY, TEXT, CODE = field("decimal"), field("integer"), field("date"), field("text"), field("code")
CONTRACT, DIVISION, ENTERPRISE = (field("text", pattern=pattern) for pattern in (r"\d{16}|\d{14}", r"\d{6}", USCC))


def value(cell, of=PLAIN, unit=None):
    return convert(cell, of, CODES, unit).value


def refusal(cell, of=PLAIN, unit=None) -> Unconvertible:
    with pytest.raises(Unconvertible) as refused:
        convert(cell, of, CODES, unit)
    return refused.value


# Numbers


def in_groups(digits: str, separator: str) -> str:
    whole, point, decimals = digits.partition(".")
    return f"{int(whole):,}".replace(",", separator) + point + decimals


def in_full_width(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


def in_chinese(number: Decimal, mode: str) -> str:
    whole, _, decimals = str(number).partition(".")
    digits = "〇一二三四五六七八九" if mode == "low" else "零壹贰叁肆伍陆柒捌玖"
    written = cn2an.an2cn(int(whole), mode)
    return written + ("点" + "".join(digits[int(digit)] for digit in decimals) if decimals else "")


WRITERS = {
    "digits": str,
    "full width": lambda number: in_full_width(str(number)),
    "commas": lambda number: in_groups(str(number), ","),
    "Chinese commas": lambda number: in_groups(str(number), "，"),
    "groups by no-break space": lambda number: in_groups(str(number), "\xa0"),
    "padded": lambda number: f"\u3000 {number}\xa0\u200b",
    "apostrophe": lambda number: f"'{number}",
    "plus": lambda number: f"+{number}",
    "scientific": lambda number: f"{number:E}",
    "Chinese": lambda number: in_chinese(number, "low"),
    "capitals": lambda number: in_chinese(number, "up"),
}
MINUS = {"-": "-{}", "－": "－{}", "△": "△{}", "brackets": "({})", "wide brackets": "（{}）", "−": "−{}"}
POSITIVE = st.decimals(min_value=0, max_value=10**12, places=3).map(lambda number: number.copy_abs())


@pytest.mark.parametrize("writer", WRITERS)
@given(number=st.one_of(POSITIVE, st.integers(0, 10**13).map(Decimal)))
@settings(max_examples=60, deadline=None)
def test_a_number_is_read_back_exactly_in_each_way_it_is_written(writer, number):
    assert value(WRITERS[writer](number)) == number


@pytest.mark.parametrize("minus", MINUS)
@given(number=POSITIVE)
@settings(max_examples=40, deadline=None)
def test_a_negative_number_is_read_back_exactly(minus, number):
    assert value(MINUS[minus].format(in_groups(str(number), ","))) == -number


UNITS = {"元": -4, "千元": -1, "万元": 0, "百万元": 2, "千万元": 3, "亿元": 4}


@pytest.mark.parametrize("unit", UNITS)
@given(number=st.decimals(0, 10**6, places=2).map(Decimal.copy_abs), where=st.sampled_from(["column", "cell", "both"]))
@settings(max_examples=60, deadline=None)
def test_a_unit_converts_exactly_wherever_it_stands(unit, number, where):
    """With two decimals every unit of the list gives at most six in 万元."""
    column = {"column": unit, "cell": None, "both": "亿元"}[where]
    read = convert(str(number) if where == "column" else f"{number}{unit}", MONEY, CODES, column)
    assert read.value == number.scaleb(UNITS[unit])
    assert (read.change is None) == (where == "column" or (where, unit) == ("cell", "万元"))


@given(st.floats(min_value=-(10**8), max_value=10**8).map(lambda number: round(number, 4)))
def test_a_number_cell_is_the_shortest_decimal_that_it_is(number):
    assert convert(number, PLAIN, CODES) == Value(Decimal(repr(number)) if "e" not in repr(number) else round(Decimal(number), 6))


@pytest.mark.parametrize(
    ("cell", "of", "unit", "expected"),
    [
        (0.1 + 0.2, PLAIN, None, Value(Decimal("0.3"))),
        (1 / 3, PLAIN, None, Value(Decimal("0.333333"), "保留 6 位小数")),
        (1.2345678, MONEY, "亿元", Value(Decimal("12345.678"))),
        ("12.5万元", MONEY, "元", Value(Decimal("12.5"), "按格内所写单位“万元”")),
        ("1.2亿元", MONEY, None, Value(Decimal(12000), "单位“亿元”换算为“万元”")),
        ("壹拾万元整", MONEY, None, Value(Decimal(10), "中文数字改为阿拉伯数字")),
        ("人民币12万元", MONEY, None, Value(Decimal(12), "去掉“人民币”")),
        ("三千", MONEY, None, Value(Decimal(3000), "中文数字改为阿拉伯数字")),
        ("500人次", COUNT, None, Value(500)),
        ("1.2万", COUNT, None, Value(12000, "按“万”换算")),
        ("1万2千", COUNT, None, Value(12000, "按“万”“千”等换算")),
        ("1万2000", COUNT, None, Value(12000, "按“万”“千”等换算")),
        ("3亿5000万", WHOLE, None, Value(350_000_000, "按“万”“千”等换算")),
        ("三万二千人次", COUNT, None, Value(32000, "中文数字改为阿拉伯数字")),
        ("3个", field("integer", unit="项"), None, Value(3, "单位“个”换算为“项”")),
        ("两", COUNT, None, Value(2, "中文数字改为阿拉伯数字")),
        ("廿八", COUNT, None, Value(28, "中文数字改为阿拉伯数字")),
        ("二〇二二", COUNT, None, Value(2022, "中文数字改为阿拉伯数字")),
        ("三点一四万", COUNT, None, Value(31400, "中文数字改为阿拉伯数字、按“万”换算")),
        ("12.5%", PERCENT, None, Value(Decimal("12.5"))),
        ("１２．５％", PERCENT, None, Value(Decimal("12.5"), "全角改半角")),
        ("百分之十二点五", PERCENT, None, Value(Decimal("12.5"), "中文数字改为阿拉伯数字")),
        ("0.125", PERCENT, None, Value(Decimal("0.125"))),
        (12.5, PERCENT, None, Value(Decimal("12.5"))),
        (0, PERCENT, None, Value(Decimal(0))),
        (3.0, WHOLE, None, Value(3)),
        ("1.2E+05", WHOLE, None, Value(120000, "科学计数法改为普通数字")),
    ],
)  # fmt: skip
def test_numbers_and_what_is_said_of_them(cell, of, unit, expected):
    read = convert(cell, of, CODES, unit)
    assert read == expected and type(read.value) is type(expected.value)


@pytest.mark.parametrize(
    ("rule", "of", "cells"),
    [
        ("cell.number", PLAIN, ["1,23", "12，34万", "1,2345", "1万2", "12 34", "--5", "(-5)", "10²", "①", "5.", "很多"]),
        ("cell.number", PLAIN, ["百", "一百二", "三两五"]),
        ("cell.number", PLAIN, ["十两", "三五", "1亿2亿", "100美元", "nan", "inf", float("nan"), float("inf"), 1e14, 10**5000]),
        ("cell.number", PLAIN, [True, date(2022, 1, 1), time(1), timedelta(1), "9" * 400, "1E400", "三万二", "1e"]),
        ("cell.inexact", COUNT, ["约3000", "80余万", "30多人次", "近百", "5000以上", "三千左右", "＞500", "不少于20"]),
        ("cell.inexact", COUNT, ["上千人次"]),
        ("cell.range", COUNT, ["100-200", "3~5", "三至五", "10—20人次"]),
        ("cell.formula", COUNT, ["=SUM(A1:A3)", "＝B2"]),
        ("cell.error", COUNT, ["#REF!", "#N/A", "#DIV/0!", "####", "#value!"]),
        ("cell.integer", COUNT, [3.5, "3.5", "1.23456万", 2.000000001]),
        ("cell.decimals", PLAIN, ["0.1234567", "1E-9"]),
        ("cell.decimals", MONEY, ["0.001元", "12345.678元"]),
        ("cell.unit", COUNT, ["30人", "5家", "5元", "¥5"]),
        ("cell.unit", MONEY, ["3项", "1.2万", "三亿", "¥5", "3人次"]),
        ("cell.unit", PLAIN, ["12万元", "¥5"]),
        ("cell.unit", field("integer", unit="场"), ["30人", "3名"]),
        ("cell.percent", PLAIN, ["5%", "百分之五"]),
        ("cell.percent", MONEY, ["5％"]),
        ("cell.percent", PERCENT, [0.125, -0.5, "3个百分点", "5万元"]),
    ],
)  # fmt: skip
def test_what_is_no_exact_number_is_refused(rule, of, cells):
    for cell in cells:
        assert refusal(cell, of).rule_id == rule, cell if isinstance(cell, str) else type(cell)


def test_a_column_in_a_unit_of_another_kind_is_refused_for_every_cell():
    for cell, of, unit in (("5", COUNT, "人"), (5, COUNT, "人"), ("5", MONEY, "公里")):
        assert refusal(cell, of, unit).rule_id == "cell.unit"


# Nothing, and nothing there


@pytest.mark.parametrize("sign", ["-", "—", "－", "––", "/", "无", ".", "…", "‖", " － "])
def test_a_sign_for_nothing_is_no_zero_and_no_answer_to_a_required_question(sign):
    for kind in ("integer", "decimal", "date"):
        assert convert(sign, field(kind), {}) == Value(None, "“-”表示没有此项，按空处理")
        assert refusal(sign, field(kind, required=True)).rule_id == "cell.none"
    assert "确为零请填 0" in refusal(sign, field("integer", required=True)).expected


@pytest.mark.parametrize("kind", ["text", "code", "integer", "decimal", "date"])
@pytest.mark.parametrize("blank", [None, "", "  ", "\u3000", "\xa0\n", "\u200b"])
def test_blank_is_nothing(kind, blank):
    assert convert(blank, field(kind, required=True), CODES) == Value(None)


def test_zero_is_zero():
    assert value("0", WHOLE) == value(0, WHOLE) == value("零", WHOLE) == 0


# Text, identifiers, codes


@pytest.mark.parametrize(
    ("cell", "of", "expected"),
    [
        ("南阳：科技（集团）", TEXT, Value("南阳：科技（集团）")),
        (" 张  三 ", TEXT, Value("张  三")),
        ("张\u3000三\xa0", TEXT, Value("张 三", "去掉特殊空白")),
        ("第一行\r\n第二行", TEXT, Value("第一行 第二行", "去掉特殊空白")),
        ("南\u200b阳", TEXT, Value("南阳", "去掉特殊空白")),
        ("ＡＢ１", TEXT, Value("AB1", "全角改半角")),
        ("'001", TEXT, Value("001", "去掉开头的撇号")),
        ("‘十四五’规划", TEXT, Value("‘十四五’规划")),
        ("'十四五'规划", TEXT, Value("'十四五'规划")),
        ("无", TEXT, Value("无")),
        ("/", TEXT, Value("/")),
        ("-", TEXT, Value(None, "“-”表示没有此项，按空处理")),
        ("无", CONTRACT, Value(None, "“-”表示没有此项，按空处理")),
        ("'2022410000001234", CONTRACT, Value("2022410000001234", "去掉开头的撇号")),
        ("2022 4100 0000 1234", CONTRACT, Value("2022410000001234", "去掉中间的空格")),
        (84103020000010.0, CONTRACT, Value("84103020000010", "数字单元格")),
        (411302, DIVISION, Value("411302", "数字单元格")),
        ("４１１３０２", DIVISION, Value("411302", "全角改半角")),
        ("41130", DIVISION, Value("41130")),
        ("91411300ma3x1234e5", ENTERPRISE, Value("91411300MA3X1234E5", "小写改大写")),
        ("abc", ENTERPRISE, Value("abc")),
        ("机关法人", CODE, Value("010")),
        ("010", CODE, Value("010")),
        ("机关 法人", CODE, Value("010", "按名称对应代码")),
        ("其他(含未分类)", CODE, Value("other", "按名称对应代码")),
        (10.0, CODE, Value("010", "数字单元格、补上开头的 0")),
        (110, CODE, Value("110", "数字单元格")),
        ("11", CODE, Value("011", "补上开头的 0")),
        ("农民", CODE, Value("农民")),
    ],
)  # fmt: skip
def test_text_as_it_is_kept(cell, of, expected):
    assert convert(cell, of, CODES) == expected


@pytest.mark.parametrize(
    ("rule", "of", "cells"),
    [
        ("cell.number_for_text", CONTRACT, [2.022e15, 9.14113e17, "1.2E+05", "2.02241E+15", float("nan"), float("inf")]),
        ("cell.leading_zeros", CONTRACT, [8410302000001.0]),
        ("cell.leading_zeros", DIVISION, [11302]),
        ("cell.text", TEXT, [True, date(2022, 1, 1), time(1), timedelta(1)]),
        ("cell.text", CODE, [True, datetime(2022, 1, 1)]),
        ("cell.error", TEXT, ["#REF!"]),
        ("cell.formula", TEXT, ["=A1&B1"]),
        ("cell.none", field("text", required=True), ["-"]),
    ],
)
def test_what_lost_part_of_its_text_is_refused(rule, of, cells):
    assert [refusal(cell, of).rule_id for cell in cells] == [rule] * len(cells)


def test_a_code_that_two_paddings_fit_is_not_guessed():
    assert convert(10, CODE, {"甲": "010", "乙": "0010"}).value == "10"


# Days and months


def in_chinese_date(day: date) -> str:
    year = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(day.year))
    return f"{year}年{cn2an.an2cn(day.month)}月{cn2an.an2cn(day.day)}日".replace("一十", "十")


DAY_WRITERS = {
    "ISO": date.isoformat,
    "points": lambda day: f"{day.year}.{day.month}.{day.day}",
    "slashes": lambda day: f"{day:%Y/%m/%d}",
    "Chinese signs": lambda day: f"{day.year}年{day.month}月{day.day}日",
    "spaced": lambda day: f" {day.year} 年 {day.month} 月 {day.day} 日",
    "compact": lambda day: f"{day:%Y%m%d}",
    "compact number": lambda day: float(f"{day:%Y%m%d}"),
    "full width": lambda day: in_full_width(day.isoformat()),
    "midnight": lambda day: f"{day} 00:00:00",
    "apostrophe": lambda day: f"'{day}",
    "Chinese": in_chinese_date,
    "cell": lambda day: day,
    "cell with time": lambda day: datetime(day.year, day.month, day.day, 15, 30),
}
DAYS = st.dates(date(1950, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize("writer", DAY_WRITERS)
@given(day=DAYS)
@settings(max_examples=50, deadline=None)
def test_a_day_is_read_back_in_each_way_it_is_written(writer, day):
    read = convert(DAY_WRITERS[writer](day), DAY, {})
    assert read.value == day and type(read.value) is date
    assert (read.change is None) == (writer in ("ISO", "cell"))


@given(st.integers(20000, 79999), st.sampled_from([int, float]))
def test_a_serial_is_the_day_excel_shows(serial, kind):
    assert convert(kind(serial), DAY, {}) == Value(date(1899, 12, 30) + timedelta(serial), "日期序号改为日期")


@pytest.mark.parametrize(
    ("rule", "said", "cells"),
    [
        ("cell.date_day", "须写到日", ["2022年10月", "2022.10", "2022-10", "202210", 2022.11, 202210, "二〇二二年十月"]),
        ("cell.date_month", "2022年10月", [2022.1, "2022.1"]),
        ("cell.date", "没有这一天", ["2022-02-30", "20221301", 20221301, "2022年2月29日"]),
        ("cell.date", "四位", ["22-10-31", "22.1.5"]),
        ("cell.date", "序号", ["44865"]),
        ("cell.date", "1901", [date(1899, 12, 31), "0022-10-31"]),
        ("cell.date", "日期", [12, 44865.5, True, time(1), timedelta(1), float("nan"), float("inf"), "昨天", "10/31/2022"]),
        ("cell.error", "公式", ["#VALUE!"]),
    ],
)
def test_what_is_no_day_is_refused_with_the_reason(rule, said, cells):
    for cell in cells:
        refused = refusal(cell, DAY)
        assert refused.rule_id == rule and said in refused.expected, cell


@pytest.mark.parametrize(
    ("cell", "month"),
    [
        ("2022年10月", "2022-10"), ("2022.10", "2022-10"), ("2022-10", "2022-10"), ("202210", "2022-10"), ("2022/10", "2022-10"),
        ("二〇二二年十月", "2022-10"), ("2022年1—10月", "2022-10"), ("2022年1月至10月", "2022-10"),
        ("二〇二二年一至十月", "2022-10"),
        ("2022年1月－2022年10月", "2022-10"), ("２０２２年１０月", "2022-10"), (date(2022, 10, 5), "2022-10"),
        (datetime(2022, 10, 5), "2022-10"), (202210, "2022-10"), (20221031.0, "2022-10"), (2022.11, "2022-11"),
        (2022.02, "2022-02"),
        ("南阳市2022年10月份技术合同登记表", "2022-10"),
        ("科普活动_411302_202210", "2022-10"), ("填报日期：2022-10-31", "2022-10"),
        ("2022年9月", "2022-09"), (2022.1, None), ("2022.1", None), ("10月", None), ("2022年", None), ("2022年13月", None),
        ("2022年9—10月", None), ("2022年9月-10月", None), ("2021年9月、2022年10月", None), ("411302", None), (44865, None),
        (None, None), (True, None), (time(1), None), (float("nan"), None), ("2022-2023学年", None),
    ],
)  # fmt: skip
def test_months(cell, month):
    assert read_month(cell) == month


# Whole columns, and anything at all

SMALL_NUMBERS = st.decimals(min_value=-(10**6), max_value=10**6, places=3)
WRITTEN = st.one_of(
    SMALL_NUMBERS.map(str),
    st.integers(-(10**15), 10**15).map(str),
    DAYS.map(str),
    st.builds(
        lambda number, unit: f"{number}{unit}", st.integers(0, 99), st.sampled_from(["%", "万", "万元", "人", "人次", "余"])
    ),
    st.sampled_from([*CODES, *CODES.values(), "-", "无", "", " ", "1E5", "2022-02-29", "2024-02-29", "0.1234567", "张 三", "-0"]),
    st.text(alphabet="0123456789ABE.,-+%万元人次年月日一二十点(约 ：\u3000\u200b'aＡ４#=/\n", max_size=8),
    st.text(max_size=6),
)
CELLS = st.one_of(
    st.none(),
    WRITTEN,
    st.floats(),
    SMALL_NUMBERS.map(float),
    st.integers(),
    st.integers(-(10**20), 10**20),
    st.integers(19990, 80010),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
)
PLAIN_CELLS = {
    "text": st.lists(st.one_of(st.text(alphabet="南阳科技 A1（）", min_size=1, max_size=6), st.none()), min_size=10),
    "identifier": st.lists(st.text(alphabet="019AEZ", min_size=1, max_size=8), min_size=10),
    "number": st.lists(st.one_of(SMALL_NUMBERS.map(str), st.none()), min_size=10),
    "whole": st.lists(st.integers(-(10**15), 10**15).map(str), min_size=10),
    "float": st.lists(
        st.one_of(SMALL_NUMBERS.map(float), st.integers(-9, 99), st.none(), st.integers(-9, 9).map(float)), min_size=10
    ),
    "any float": st.lists(st.floats(allow_nan=False), min_size=10),
    "day": st.lists(st.one_of(DAYS.map(str), st.none()), min_size=10),
    "day cell": st.lists(st.one_of(st.dates(), st.none()), min_size=10),
    "code": st.lists(st.sampled_from([*CODES, *CODES.values()]), min_size=10),
}
FIELDS = st.sampled_from(
    [MONEY, COUNT, PERCENT, PLAIN, WHOLE, DAY, TEXT, CODE, CONTRACT, DIVISION, ENTERPRISE, field("decimal", required=True)]
)
ANY_UNIT = st.sampled_from([None, None, None, "万元", "元", "千元", "亿元", "人次", "万人次", "%", "人", "公里"])


def one_by_one(cells, of, unit):
    values, changes, failures = [], {}, {}
    for index, cell in enumerate(cells):
        try:
            read, change = convert(cell, of, CODES, unit)
        except Unconvertible as refused:
            read, change, failures[index] = None, None, refused.args
        values.append(read)
        if change is not None:
            changes[index] = change
    return values, changes, failures


def at_once(cells, of, unit):
    values, changes, failures = convert_column(cells, of, CODES, unit)
    if isinstance(values, pl.Series):
        assert values.dtype == FIELD_TYPES[of.type][0]
        values = values.to_list()
    return values, changes, {index: refused.args for index, refused in failures.items()}


@given(cells=st.lists(CELLS, max_size=12), of=FIELDS, unit=ANY_UNIT)
@settings(max_examples=200, deadline=None)
def test_a_short_column_is_its_cells(cells, of, unit):
    assert at_once(cells, of, unit) == one_by_one(cells, of, unit)


@given(data=st.data(), of=FIELDS, unit=ANY_UNIT, odd=st.lists(CELLS, max_size=2), kind=st.sampled_from(sorted(PLAIN_CELLS)))
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_long_column_is_its_cells(data, of, unit, odd, kind):
    cells = data.draw(PLAIN_CELLS[kind])
    cells = [*odd, *cells]
    with mock.patch.object(whole_columns, "LONG_COLUMN", 1), mock.patch.object(whole_columns, "PLAIN_SHARE", 0):
        assert at_once(cells, of, unit) == one_by_one(cells, of, unit)


@pytest.mark.parametrize(
    ("of", "unit", "cell"),
    [(PLAIN, None, "12.50"), (MONEY, "千元", "12.50"), (COUNT, None, "12"), (DAY, None, "2022-10-31"), (TEXT, None, "南阳某公司"),
     (ENTERPRISE, None, "91411300MA3X123456"), (CODE, None, "机关法人"), (PLAIN, None, 12.5), (MONEY, "千元", 12.5),
     (COUNT, None, 12.0), (DAY, None, date(2022, 1, 1))],
)  # fmt: skip
def test_a_long_plain_column_is_read_at_once_and_its_odd_cells_by_themselves(of, unit, cell):
    cells = [cell] * 6000
    cells[7] = f"'{cell}" if isinstance(cell, str) else None
    values, changes, failures = convert_column(cells, of, CODES, unit)
    expected = [value(each, of, unit) for each in cells[:10]]
    assert isinstance(values, pl.Series) and values.dtype == FIELD_TYPES[of.type][0] and len(values) == 6000
    assert values[:10].to_list() == expected and (values[10:] == values[0]).all()
    assert (list(changes), failures) == ([7] if isinstance(cell, str) else [], {})


def test_ambiguous_shares_are_refused_in_a_long_column_too():
    values, changes, failures = convert_column([12.5] * 6000 + [0.125, 0.0, -0.5], PERCENT, CODES)
    assert isinstance(values, pl.Series) and values[5999:].to_list() == [Decimal("12.5"), None, Decimal(0), None]
    assert {index: refused.rule_id for index, refused in failures.items()} == {6000: "cell.percent", 6002: "cell.percent"}
    assert changes == {}


@given(cell=st.one_of(CELLS, st.text()), of=FIELDS, unit=ANY_UNIT)
@settings(max_examples=1000, deadline=None)
def test_nothing_but_a_refusal_in_chinese_is_ever_raised(cell, of, unit):
    read_month(cell)
    try:
        read = convert(cell, of, CODES, unit)
    except Unconvertible as refused:
        assert refused.rule_id.startswith("cell.") and any("一" <= letter <= "鿿" for letter in refused.expected)
    else:
        kinds = {"text": str, "code": str, "integer": int, "decimal": Decimal, "date": date}
        assert read.value is None or type(read.value) is kinds[of.type]
        if of.type == "decimal" and read.value is not None:
            assert round(read.value, 6) == read.value and abs(read.value) < 10**14


@given(st.text(alphabet="零一二三四五六七八九十百千万亿两", min_size=1, max_size=8))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_a_chinese_numeral_that_is_taken_reads_the_same_written_out_again(text):
    try:
        read = int(value(text, WHOLE))
    except Unconvertible:
        assume(False)
    digits = "".join("零一二三四五六七八九"[int(digit)] for digit in str(read))
    spoken = cn2an.an2cn(read).replace("零", "").replace("一十", "十")
    assert text.replace("两", "二") in (digits,) or text.replace("两", "二").replace("零", "").replace("一十", "十") == spoken
