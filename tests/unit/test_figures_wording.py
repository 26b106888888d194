"""The numbers that office prose prints, in digits, Chinese numerals and set phrases."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from shutil import copytree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.figures.ledger import load_ledger
from pipelines.figures.wording import numbers_in
from pipelines.settings import CHECKOUT, Settings

DIGITS = "零一二三四五六七八九"


def chinese(number: int) -> str:
    """A number from 1 to 99,999,999 as it is read out."""
    if number >= 10**4:
        high, low = divmod(number, 10**4)
        return f"{chinese(high)}万" + (("零" if low < 1000 else "") + chinese(low) if low else "")
    text, waiting = "", False
    for place, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit:
            text += ("零" if waiting else "") + DIGITS[digit] + word
        waiting = bool(text) and not digit
    return text


@given(st.integers(1, 10**8 - 1))
def test_a_numeral_is_the_number_it_is_read_as(number: int) -> None:
    assert Fraction(number) in numbers_in(f"{chinese(number)}家")


@given(st.integers(0, 10**7), st.integers(0, 2), st.sampled_from(["", "万", "亿"]))
def test_digits_count_with_and_without_what_multiplies_them(number: int, decimals: int, multiple: str) -> None:
    value = Fraction(number, 10**decimals)
    printed = f"达到{number / 10**decimals:,.{decimals}f} {multiple}元"
    assert numbers_in(printed) == {value, value * {"": 1, "万": 10**4, "亿": 10**8}[multiple]}


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("七项", 7), ("二十八家", 28), ("两个", 2), ("十多家", 10), ("百余项", 100), ("千余人次", 1000), ("近万人次", 10_000),
        ("第十五", 15), ("翻一番", 100), ("翻番", 2), ("翻两番", 4), ("“双倍增”", 2), ("全覆盖", 100), ("首个", 1),
        ("1,499项", 1499), ("２０家", 20), ("2—3 家", 3), ("“零”", 0),
    ],
)  # fmt: skip
def test_phrases_print_their_number(printed: str, number: int) -> None:
    assert Fraction(number) in numbers_in(printed)


@pytest.mark.parametrize("printed", ["获批河南省中试基地", "二等奖", "中国民营企业500强"])
def test_names_print_none(printed: str) -> None:
    assert numbers_in(printed) == set()


def test_every_value_of_the_ledger_is_printed() -> None:
    assert load_ledger(Settings()).findings == ()


def test_a_sign_may_be_a_word(tmp_path: Path) -> None:
    copytree(CHECKOUT / "raw" / "figures", tmp_path / "raw" / "figures")
    path = tmp_path / "raw" / "figures" / "figures.csv"
    ledger = path.read_text(encoding="utf-8")
    assert ledger.count("5.5%,exact,5.5,") == 1
    path.write_text(ledger.replace("5.5%,exact,5.5,", "下降5.5%,exact,-5.5,"), encoding="utf-8")
    assert load_ledger(Settings(tmp_path)).findings == ()


def test_a_value_that_is_not_printed_is_warned_of_and_kept(tmp_path: Path) -> None:
    copytree(CHECKOUT / "raw" / "figures", tmp_path / "raw" / "figures")
    path = tmp_path / "raw" / "figures" / "figures.csv"
    ledger = path.read_text(encoding="utf-8")
    assert ledger.count("七项,exact,7,") == 1
    path.write_text(ledger.replace("七项,exact,7,", "七项,exact,8,"), encoding="utf-8")
    slipped = load_ledger(Settings(tmp_path))
    (finding,) = slipped.findings
    assert (finding.severity, finding.field, finding.value) == ("warning", "value", "8") and "七项" in finding.message
    assert len(slipped.figures) == len(load_ledger(Settings()).figures)
