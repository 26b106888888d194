"""What each cell of the submissions of a form and month must hold: their structure first, then their values.

Belongs here: running the form's pandera schemas over the rows of all submissions at once, codes and division codes that are
in force in the month, and the words for what fails. Does not belong here: arithmetic between cells (`rules`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import polars as pl

from pipelines.collect.problems import Problem
from pipelines.collect.terms import Terms
from pipelines.collect.values import ReadTable
from pipelines.forms.divisions import Divisions
from pipelines.forms.model import Form, FormField
from pipelines.forms.schema import PATTERN, RULE_OF_PANDERA, expected_text, structure_schema, value_schema

Found = dict[str, list[Problem]]  # by submission id


class Checks:
    """The checks of a form as it asks in a month, over the rows of many submissions (the landing's columns).

    Args:
        tables: by submission id, the table its rows were read from.
    """

    def __init__(
        self, form: Form, month: str, frame: pl.DataFrame, tables: Mapping[str, ReadTable], terms: Terms
    ) -> None:
        self.form, self.month, self.frame, self.tables, self.terms = form, month, frame, tables, terms
        self.places = frame.select("submission_id", "row_number")

    def structure(self) -> Found:
        """Values that are missing, and rows with the same key."""
        found: Found = {}
        duplicates: dict[str, list[int]] = {}
        for failure in self._failures(structure_schema(self.form)):
            submission_id, row_number = self.places.row(failure["index"])
            if failure["rule_id"] == "rows.duplicate":
                duplicates.setdefault(submission_id, []).append(row_number)
            else:
                self._add_cell(found, failure, submission_id, row_number)
        for submission_id, row_numbers in duplicates.items():
            found.setdefault(submission_id, []).extend(self._duplicates(submission_id, row_numbers))
        return found

    def values(self) -> Found:
        """Values that are not what their field allows, or not in the month."""
        found: Found = {}
        for failure in self._failures(value_schema(self.form, self.terms.code_lists)):
            self._add_cell(found, failure, *self.places.row(failure["index"]))
        for each in self.form.fields:
            if each.codes is not None:
                self._codes_in_force(found, each)
            if each.is_division:
                self._divisions_in_force(found, each)
        return found

    def _failures(self, schema: object) -> Iterator[dict[str, object]]:
        """The failure cases of pandera, each with `rule_id` and the `index` of its row."""
        from pandera.errors import SchemaErrors

        try:
            schema.validate(self.frame, lazy=True)
            return
        except SchemaErrors as errors:
            failures = errors.failure_cases
        for failure in failures.iter_rows(named=True):
            if failure["index"] is None:  # a failure of the frame itself is a fault of this program, never of a sender
                raise RuntimeError(f"{self.form.form}: not a frame of it: {failure['check']} {failure['failure_case']}")
            yield failure | {"rule_id": RULE_OF_PANDERA.get(failure["check"], failure["check"])}

    def _add_cell(self, found: Found, failure: Mapping[str, object], submission_id: str, row_number: int) -> None:
        table, name, rule_id = self.tables[submission_id], failure["column"], failure["rule_id"]
        if (row_number, name) in table.unconverted:
            return  # the reader has said so already
        field, value = self.form.by_name[name], failure["failure_case"]
        cell = f"{table.letters.get(name, '')}{row_number}"
        expected = expected_text(field, rule_id, self.terms.code_lists)
        written = None if value is None else _as_typed(str(value), field)
        if rule_id == "value.required":
            message = f"{cell} 的“{field.label}”没有填写"
        else:
            how_long = f"（{len(written)} 位）" if rule_id == PATTERN else ""
            message = f"{cell} 的“{field.label}”填的是“{written}”{how_long}，应为：{expected}"
        advice = f"请在 {cell} 填写{'' if value is None else '正确的'}{field.label}"
        problem = Problem(rule_id, message, advice, cell=cell, field=name, value=written, expected=expected)
        found.setdefault(submission_id, []).append(problem)

    def _duplicates(self, submission_id: str, row_numbers: list[int]) -> Iterator[Problem]:
        """One problem for each later row of a group of rows with the same key, naming the first."""
        grain, letters = self.form.grain, self.tables[submission_id].letters
        labels = "、".join(self.form.by_name[name].label for name in grain)
        advice = f"请删去重复的一行，或改正其{labels}"
        if not any(self.form.by_name[name].pattern for name in grain):  # rows are sums, and to delete one may lose data
            advice = "如确有几条，请合并成一行，各数相加；重复的，删去一行"
        first_of: dict[tuple[object, ...], int] = {}
        rows = self.frame.filter(pl.col("submission_id") == submission_id, pl.col("row_number").is_in(row_numbers))
        for *key, row_number in rows.select(*grain, "row_number").sort("row_number").iter_rows():
            first = first_of.setdefault(tuple(key), row_number)
            if first == row_number or None in key:
                continue
            shown = "、".join(self._as_written(value, self.form.by_name[name]) for name, value in zip(grain, key, strict=True))
            yield Problem(
                "rows.duplicate",
                f"第 {row_number} 行与第 {first} 行的{labels}相同（{shown}）",
                advice,
                cell=f"{letters[grain[0]]}{row_number}",
                field=grain[0],
                value=shown,
                expected=f"{labels}不重复",
            )

    def _as_written(self, value: object, field: FormField) -> str:
        """A stored value as the sender would write it: a code as its label."""
        labels = {code: label for label, code in self.terms.code_lists.get(field.codes or "", {}).items()}
        return labels.get(str(value), str(value))

    def _codes_in_force(self, found: Found, field: FormField) -> None:
        """An error for each code that was not in its list in the month."""
        told = {}
        for code in self.frame[field.name].drop_nulls().unique().sort().to_list():
            since, until = self.terms.code_periods.get((field.codes, code), (None, None))
            if since is not None and self.month < f"{since:%Y-%m}":
                told[code] = ("value.code_not_yet", f"“{self._as_written(code, field)}”自 {since} 起才有", None)
            elif until is not None and self.month > f"{until:%Y-%m}":
                told[code] = ("value.code_expired", f"“{self._as_written(code, field)}”已于 {until} 停用", None)
        self._told(found, field, told, "error", "请改选当月可用的一项")

    def _divisions_in_force(self, found: Found, field: FormField) -> None:
        """A warning for each division code that was not in force in the month's year: a retired one is expired, not unknown."""
        year = int(self.month[:4])
        codes = self.frame[field.name].drop_nulls().unique().sort().to_list()
        told = {code: words for code in codes if (words := _division_in_words(self.terms.divisions, code, year))}
        self._told(found, field, told, "warning", "请核对，改填现行代码")

    def _told(
        self, found: Found, field: FormField, told: Mapping[str, tuple[str, str, str | None]], severity: str, advice: str
    ) -> None:
        """A problem at each cell with one of these codes: rule, message and what is expected by code."""
        cells = self.frame.filter(pl.col(field.name).is_in(list(told))).select("submission_id", "row_number", field.name)
        for submission_id, row_number, code in cells.iter_rows():
            cell = f"{self.tables[submission_id].letters[field.name]}{row_number}"
            rule_id, message, expected = told[code]
            problem = Problem(
                rule_id,
                f"{cell} 的“{field.label}”{message}",
                advice,
                severity=severity,
                cell=cell,
                field=field.name,
                value=self._as_written(code, field),
                expected=expected,
            )
            found.setdefault(submission_id, []).append(problem)


def _as_typed(stored: str, field: FormField) -> str:
    """A stored value without the zeros of storage."""
    return f"{Decimal(stored).normalize():f}" if field.type == "decimal" else stored


def _division_in_words(divisions: Divisions, code: str, year: int) -> tuple[str, str, str | None] | None:
    """Rule, message and what is expected for a code that was not in force; None for any other."""
    status = divisions.status(code, year)
    if status == "unknown":
        return "value.division_unknown", f"{code} 不是现行的行政区划代码", None
    if status in ("valid", "elsewhere"):
        return None
    division = divisions.last(code)
    if status == "not_yet":
        return "value.division_not_yet", f"{code}（{division.name}）{division.since} 年才启用", None
    now = "或".join(division.successors)
    return "value.division_expired", f"{code}（{division.name}）已于 {division.until} 年停用，现为 {now}", now
