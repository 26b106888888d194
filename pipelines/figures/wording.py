"""The numbers that a printed phrase can mean, so that a wrong transcription is seen: 七项, 百余, 60 万余人次, 翻一番, 全覆盖.

Belongs here: reading digits, Chinese numerals and the set phrases of office prose. Does not belong here: what a qualifier makes
of a number (intervals).
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

_DIGITS = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_PLACES = {"十": 10, "百": 100, "千": 1000}
_MULTIPLES = {"万": 10**4, "亿": 10**8}
_CHINESE = re.compile(f"[{''.join((*_DIGITS, *_PLACES, *_MULTIPLES))}]+")
_WRITTEN = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*([十百千万亿]*)")
_DOUBLED = re.compile(r"翻([一二两三四五六七八九])?番")
# Phrases that stand for a number: the whole of something, the first of all, twice as much.
_PHRASES = {"全覆盖": 100, "覆盖": 100, "倍增": 2, "翻倍": 2, "首": 1, "最": 1}
# Numbers that name something: 二等奖, 500强; and two sizes at once (百千亿级).
_NAMES = re.compile(r"[一二三]等奖|\d+强")


def numbers_in(as_printed: str) -> set[Fraction]:
    """Every number that the phrase prints, with and without the 万 or 亿 behind it; empty where it prints none.

    翻n番 gives both the multiple (2ⁿ) and the growth in percent ((2ⁿ − 1) × 100).
    """
    text = unicodedata.normalize("NFKC", as_printed).replace(" ", "")
    text = _NAMES.sub(" ", text).replace("百千", "百 千")
    found: set[Fraction] = set()
    for digits, multiple in _WRITTEN.findall(text):
        number = Fraction(digits.replace(",", "").rstrip("."))
        found |= {number, number * _numeral(multiple or "一")}
    for numeral in _CHINESE.findall(_WRITTEN.sub(" ", text)):
        found |= {_numeral(numeral), *(_numeral(part) for part in re.split("[万亿]", numeral) if part)}
    for times in _DOUBLED.findall(text):
        multiple = Fraction(2 ** _DIGITS[times or "一"])
        found |= {multiple, (multiple - 1) * 100}
    return found | {Fraction(number) for phrase, number in _PHRASES.items() if phrase in text}


def _numeral(text: str) -> Fraction:
    """A Chinese numeral; a place without a digit before it counts once (百余, 万人次)."""
    total = section = 0
    digit: int | None = None
    for letter in text:
        if letter in _DIGITS:
            digit = _DIGITS[letter] if digit is None else digit * 10 + _DIGITS[letter]
        elif letter in _PLACES:
            section += (1 if digit is None else digit) * _PLACES[letter]
            digit = None
        else:
            section += digit or 0
            total = (total + section or 1) * _MULTIPLES[letter]
            section, digit = 0, None
    return Fraction(total + section + (digit or 0))
