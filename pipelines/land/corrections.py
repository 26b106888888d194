"""What the office has decided about reported values, as `raw/rulings/corrections.csv` says it.

Belongs here: one correction a row, what makes a row unusable, and which rows contradict each other. Does not belong here: what
becomes of the landed rows (`correcting`), or what is said of corrections without effect (`unapplied`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pipelines.collect.dates import read_day, read_month
from pipelines.collect.labels import normalised_label
from pipelines.collect.numerals import Unconvertible
from pipelines.collect.quantities import Value, convert
from pipelines.collect.records import Row, SheetFindings, read_rows
from pipelines.collect.terms import Terms
from pipelines.collect.vocabulary import vocabulary_of
from pipelines.forms.model import Form, FormField

FOLDER, FILE, TABLE = "rulings", "corrections.csv", "corrections"
COLUMNS = (
    *("correction_id", "form", "reporting_unit", "month", "key", "field", "action", "value", "expect"),
    *("reason", "by", "on", "expires", "practice"),
)
ACTIONS = ("drop", "override", "scale", "flag")
CHANGES_A_CELL = ("override", "scale")
_PRACTICE = {"": False, "是": True}
_WHY_EXPECT = "填写更正时填报单位报的值；报的值以后变了，这条更正就不再采用，并会提醒"


@dataclass(frozen=True)
class Correction:
    """A decision on one row of what a unit reported for a month, or on one cell of it.

    Attributes:
        key: the values of the form's grain that name the row, by field.
        field: the cell; None for the row as a whole (to drop or to flag).
        value: what it is set to, in the field's type and unit (override), or multiplied by (scale).
        expect: what the cell was received as when the decision was taken; None without this guard.
        on: the day of the decision.
        expires: the last month (YYYY-MM) in whose releases it holds; None without end.
        is_expired: whether the release now made is of a later month.
        row: where it stands in the file; no part of what it says.
    """

    correction_id: str
    form: str
    reporting_unit_id: str
    month: str
    key: tuple[tuple[str, object], ...]
    field: str | None
    action: Literal["drop", "override", "scale", "flag"]
    value: object
    expect: Value | None
    reason: str
    by: str
    on: date
    expires: str | None
    is_expired: bool
    row: Row = field(repr=False, compare=False)


@dataclass(frozen=True)
class Corrections:
    """The usable corrections in the order of the file; `sheet` holds what was found wrong with the others."""

    records: tuple[Correction, ...]
    sheet: SheetFindings

    @property
    def could_not_be_read(self) -> bool:
        """Whether the file as a whole is unusable, so that nobody knows what it would correct."""
        return any(finding.level == 0 for finding in self.sheet.findings)


def load_corrections(folder: Path, terms: Terms, release_month: str, *, is_practice: bool) -> Corrections:
    """Read and check the corrections of practice or of real data; an unusable row becomes a finding and is left out.

    A workspace without the folder has none. In one that has it the file must be there: it may have been saved as something else.

    Args:
        release_month: YYYY-MM, which tells what has expired.
    """
    sheet = SheetFindings(FOLDER, FILE, TABLE)
    records: dict[str, Correction] = {}
    rows = read_rows(folder / FILE, COLUMNS, sheet) if folder.is_dir() else ()
    for row in rows:
        row.one_of("practice", ("是",))
        if _PRACTICE.get(row["practice"], is_practice) != is_practice:
            continue
        correction = _Reading(row, terms).correction(release_month)
        if correction and not row.repeats("correction_id", records):
            records[correction.correction_id] = correction
    return Corrections(tuple(_without_contradictions(records.values())), sheet)


class _Reading:
    """Reads one row of the file, reporting what is wrong with it."""

    def __init__(self, row: Row, terms: Terms) -> None:
        self.row, self.terms = row, terms

    def correction(self, release_month: str) -> Correction | None:
        """What the row says; None, with all that is wrong reported, if that is not clear."""
        row = self.row
        for column in ("correction_id", "form", "reporting_unit", "month", "key", "action", "reason", "by", "on"):
            row.required(column)
        row.one_of("action", ACTIONS)
        month, on, expires = self._month("month"), self._day("on"), self._month("expires")
        words = vocabulary_of(self.terms.forms, self.terms.units).form_words
        form_id = row.known("form", words, "没有这张报表", f"改为下列之一：{'、'.join(self.terms.forms)}，或报表的名称")
        unit_id = self._unit(month)
        if form_id is None or month is None:
            return None
        form = self.terms.forms[form_id].at(month)
        key = self._key(form)
        cell = self._field(form)
        if row.is_bad:
            return None
        value, expect = self._value(cell), self._expect(cell)
        if row.is_bad:
            return None
        return Correction(
            correction_id=row["correction_id"],
            form=form_id,
            reporting_unit_id=str(unit_id),
            month=month,
            key=key,
            field=cell.name if cell else None,
            action=row["action"],
            value=value,
            expect=expect,
            reason=row["reason"],
            by=row["by"],
            on=on,
            expires=expires,
            is_expired=expires is not None and expires < release_month,
            row=row,
        )

    def _month(self, column: str) -> str | None:
        """The month that the text is, or that the day it is belongs to."""
        month = read_month(self.row[column])
        if month is None and self.row[column]:
            message = f"“{self.row[column]}”看不出是哪个月"
            self.row.report("month_unreadable", column, message, "写成 2022-10 的样子；Excel 会改写月份，先把这一列设为文本")
        return month

    def _day(self, column: str) -> date | None:
        if not self.row[column]:
            return None
        try:
            return read_day(self.row[column])[0]
        except Unconvertible as error:
            self.row.report("date_unreadable", column, f"“{self.row[column]}”不是日期", f"应为{error.expected}")
            return None

    def _unit(self, month: str | None) -> str | None:
        known = vocabulary_of(self.terms.forms, self.terms.units)
        name = known.whole(self.row["reporting_unit"])
        meant = known.unit_ids_of([name], month) if name else ()
        if len(meant) == 1:
            return meant[0]
        if self.row["reporting_unit"]:
            message = f"“{self.row['reporting_unit']}”" + ("可能是几个填报单位" if meant else "不是填报单位")
            self.row.report("unit_unknown", "reporting_unit", message, "填写填报单位的名称或代码，见 reporting_units.csv")
        return None

    def _key(self, form: Form) -> tuple[tuple[str, object], ...]:
        """The values of the grain as the row names them, in the order of the grain."""
        if not self.row["key"]:
            return ()
        fields = _by_title(form)
        found: dict[str, object] = {}
        parts = [part for part in self.row["key"].replace("；", ";").replace("＝", "=").split(";") if part.strip()]
        for part in parts:
            title, _, text = part.partition("=")
            named = fields.get(normalised_label(title))
            if named is not None and named.name in form.grain:
                read = self._read("key", text.strip(), named)
                found[named.name] = read.value if read else None
        if (len(parts), set(found)) != (len(form.grain), set(form.grain)) or (None in found.values() and not self.row.is_bad):
            labels = [form.by_name[name].label for name in form.grain]
            message = f"“{self.row['key']}”没有说清是哪一行：要写出{'、'.join(labels)}，各一次，不写别的"
            self.row.report("key_unreadable", "key", message, f"写成 {'；'.join(f'{label}=…' for label in labels)} 的样子")
        return tuple((name, found.get(name)) for name in form.grain)

    def _field(self, form: Form) -> FormField | None:
        """The cell that is meant: always of what changes a cell, of the others where there is something to expect in it."""
        row = self.row
        if not row["field"]:
            if row["action"] in CHANGES_A_CELL or row["expect"]:
                row.report("value_missing", "field", "没有说是哪一栏", f"填写栏名，如 {form.fields[-1].label}")
            return None
        found = _by_title(form).get(normalised_label(row["field"]))
        if found is None:
            choices = "、".join(each.label for each in form.fields)
            row.report("field_unknown", "field", f"“{form.title}”没有“{row['field']}”这一栏", f"改为下列之一：{choices}")
        return found

    def _value(self, cell: FormField | None) -> object:
        row = self.row
        if row["action"] not in CHANGES_A_CELL or cell is None:
            if row["value"]:
                row.report("value_unused", "value", f"{row['action']} 用不着 value", "清空 value，或改 action")
            return None
        if not row.required("value"):
            return None
        if row["action"] == "override":
            read = self._read("value", row["value"], cell)
            return read.value if read else None
        if not cell.is_number:
            row.report("scale_no_number", "field", f"“{cell.label}”不是数，不能乘", "改用 override 写明更正后的值")
            return None
        factor = row.number("value")
        if factor == 0:
            row.report("scale_zero", "value", "乘以 0 会把原值抹掉", "确应为 0 的，用 override 写明 0")
        return factor

    def _expect(self, cell: FormField | None) -> Value | None:
        row = self.row
        if cell is None or not row["expect"]:
            if row["action"] in CHANGES_A_CELL:
                row.report("value_missing", "expect", "没有写明原来报的是多少", _WHY_EXPECT)
            return None
        read = self._read("expect", row["expect"], cell)
        if read and read.value is None and row["action"] == "scale":
            row.report("scale_no_number", "expect", "没有报数，不能乘", "改用 override 写明更正后的值")
        return read

    def _read(self, column: str, text: str, cell: FormField) -> Value | None:
        """What a text says as a value of the field, by the words submissions are read with; reported if it is none."""
        codes: Mapping[str, str] = self.terms.code_lists.get(cell.codes or "", {})
        try:
            read = convert(text, cell, codes)
        except Unconvertible as error:
            self.row.report("value_unreadable", column, f"“{text}”不能作“{cell.label}”的值", f"应为{error.expected}")
            return None
        if cell.codes and read.value is not None and read.value not in codes.values():
            advice = f"改为下列之一：{'、'.join(codes)}"
            self.row.report("value_unreadable", column, f"“{text}”不是“{cell.label}”的可选值", advice)
            return None
        return read


def _by_title(form: Form) -> dict[str, FormField]:
    """The form's fields by name, label and aliases, as labels compare."""
    return {normalised_label(title): each for each in form.fields for title in (each.name, each.label, *each.aliases)}


def _without_contradictions(records: Collection[Correction]) -> Iterator[Correction]:
    """Those that no other one speaks against; the others are reported, each with whom it contradicts."""
    by_row: dict[tuple[object, ...], list[Correction]] = {}
    for each in records:
        if not each.is_expired:
            by_row.setdefault((each.form, each.reporting_unit_id, each.month, each.key), []).append(each)
    for each in records:
        of_row = by_row.get((each.form, each.reporting_unit_id, each.month, each.key), ())
        against = [] if each.is_expired else [one.correction_id for one in of_row if one is not each and _contradict(one, each)]
        if against:
            message = f"与更正 {'、'.join(against)} 说的是同一处，互相矛盾，都没有采用"
            each.row.report("contradiction", "correction_id", message, "只留一条；旧的一条填上 expires 或删去")
        else:
            yield each


def _contradict(one: Correction, other: Correction) -> bool:
    if "drop" in (one.action, other.action):
        return True
    return one.field == other.field and one.action in CHANGES_A_CELL and other.action in CHANGES_A_CELL


def stored_text(value: object) -> str | None:
    """A stored value as text, without the zeros of storage; a code stays one."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return None if value is None else str(value)
