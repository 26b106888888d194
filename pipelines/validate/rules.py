"""The rules of a form, run over the rows of many submissions at once: which rows break them, and in what words.

Belongs here: the SQL around a rule's condition, what a condition may speak of, the three outcomes. Does not belong here: the
rules themselves (`forms/specs`), or what follows from one that is broken (`submissions`, `history`).

Conditions run in a DuckDB that reaches no file and no network. What they may speak of, besides the columns of the form:

- `month` (YYYY-MM), `month_start`, `month_end`, `reporting_unit_id`, `reporting_unit_name`, `unit_kind`, `received_on` of the
  submission, and `is_latest`, whether it is the unit's last one of the month;
- against earlier periods (level 2): `last_month`, the month of the unit's last submission before this one, and `prev.<column>`
  of the row with the same key in it, NULL without one; asked of the rows of that submission: `now.<column>` of the row with the
  same key in the month itself;
- of a submission as a whole: `value`, `history` (the values of the last twelve periods, at most: months, quarters or years as
  the form is reported) and `season` (how much more than their own median other units report this month: the median of their
  ratios);
- `responsible_unit(indicator)`: the name of the department that answers for an indicator, NULL where none does;
- `uscc_is_valid(code)`: GB 32100-2015 (domain.md B2);
- `robust_z(value, history)`: how many standard deviations, as the median absolute deviation estimates them (0.6745 × distance
  / MAD), the logarithm of the value is from those of its history; with fewer than six periods the spread is taken to be the
  largest there is, and without any it is NULL;
- `poisson_z(count, history)`: the same for counts with the mean of their history, by Anscombe's transform 2·√(x + 3/8); NULL
  with fewer than six periods;
- `unit_slip(value, history)`: 1000 or 10000 where the ratio to the median of the history, or its inverse, is that within a
  factor of 1.5: a unit of money is then the likely reason (domain.md B8); else NULL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import duckdb
import polars as pl

from pipelines.collect.problems import LISTED_A_RULE, Problem, Problems
from pipelines.findings import Finding
from pipelines.forms.columns import ArrowStream
from pipelines.forms.model import Form, Rule
from pipelines.forms.reporting_units import ReportingUnit

Letters = Mapping[str, Mapping[str, str]]  # submission id -> field -> column letters on its sheet
CodeLists = Mapping[str, Mapping[str, str]]
HISTORY_PERIODS, ENOUGH_PERIODS = 12, 6

_MACROS = f"""
create macro uscc_is_valid(code) as length(code) = 18 and (31 - list_sum(list_transform(range(1, 18), lambda place:
    (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, place, 1)) - 1)
    * [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28][place])) % 31) % 31
    = strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 18, 1)) - 1;
create macro middle(numbers) as list_aggregate(numbers, 'median');
create macro logs(numbers) as list_transform(numbers, lambda each: ln(1 + each));
create macro spread(numbers) as
    list_aggregate(list_transform(numbers, lambda each: abs(each - list_aggregate(numbers, 'median'))), 'median');
-- Periods that were all alike would make any change an outlier, and periods all unlike none: the spread of logarithms
-- counts as a tenth at least, and as a half at most.
create macro robust_z(number, numbers) as case when len(numbers) > 0 then
    0.6745 * abs(ln(1 + number) - middle(logs(numbers)))
    / case when len(numbers) < {ENOUGH_PERIODS} then 0.5 else least(greatest(spread(logs(numbers)), 0.1), 0.5) end end;
create macro poisson_z(number, numbers) as case when len(numbers) >= {ENOUGH_PERIODS} then
    2 * abs(sqrt(number + 0.375) - sqrt(list_aggregate(numbers, 'avg') + 0.375)) end;
create macro unit_slip(number, numbers) as list_filter([1000, 10000], lambda factor:
    len(numbers) >= 2 and number > 0 and middle(numbers) > 0
    and greatest(number / middle(numbers), middle(numbers) / number) between factor / 1.5 and factor * 1.5)[1];
"""


@dataclass(frozen=True)
class Unverified:
    """A rule that could not be done: a fault of the rule, and never a pass."""

    rule: Rule
    reason: str


@dataclass(frozen=True)
class Broken:
    """A rule that does not hold.

    Attributes:
        cells: all that it speaks of.
        unlisted: how many more rows of the submission break the rule; told with the last one that is listed.
    """

    problem: Problem
    cells: frozenset[str]
    unlisted: int = 0

    def add_to(self, problems: Problems) -> None:
        problems.add(self.problem)
        if self.unlisted:
            problems.count(self.problem.rule_id, self.problem.field, self.unlisted)


@dataclass(frozen=True)
class Verdicts:
    """What the rules found: what is broken by submission, and the rules that could not be done."""

    broken: dict[str, list[Broken]]
    unverified: list[Unverified]


# Temporary, since it reads a table of the connection.
_RESPONSIBLE_UNIT = """
create temp macro responsible_unit(id) as (select any_value(reporting_unit_name) from responsible where indicator_id = id)
"""


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """A database in memory without files or network, with the macros that rules may use; a load asks its rules a hundred times,
    and making the macros takes longer than most of the answers.
    """
    connection = duckdb.connect(config={"enable_external_access": False, "python_enable_replacements": False})
    connection.execute(_MACROS)
    connection.execute("set lock_configuration = true")
    return connection


class Rules:
    """The rules of a form over rows; `rows` has the landing's columns, and may be of many units and months.

    Args:
        letters: where a field of a submission stands on its sheet; only submissions named here are judged, the others are
            what they are compared with.
        received_on: day of receipt by submission.
    """

    def __init__(
        self,
        form: Form,
        rows: pl.DataFrame,
        units: Mapping[str, ReportingUnit],
        codes: CodeLists,
        letters: Letters,
        received_on: Mapping[str, date | None],
    ) -> None:
        self.form, self.letters = form, letters
        lists = {field.codes for field in form.fields if field.codes is not None}
        self.labels = {name: {code: label for label, code in codes[name].items()} for name in lists}
        self.connection = _engine().cursor()  # what it registers and creates is temporary, and its own
        kinds = pl.DataFrame(
            [(each.reporting_unit_id, each.reporting_unit_name, each.unit_kind) for each in units.values()],
            schema={"reporting_unit_id": pl.String, "reporting_unit_name": pl.String, "unit_kind": pl.String},
            orient="row",
        )
        received = pl.DataFrame(
            {"submission_id": list(received_on), "received_on": list(received_on.values())},
            schema={"submission_id": pl.String, "received_on": pl.Date},
        )
        responsible = pl.DataFrame(
            [(indicator, each.reporting_unit_name) for each in units.values() for indicator in each.responsible_for],
            schema={"indicator_id": pl.String, "reporting_unit_name": pl.String},
            orient="row",
        )
        tables = {"landed": rows, "kinds": kinds, "received": received, "responsible": responsible}
        for name, frame in tables.items():
            self.connection.register(name, ArrowStream(frame))
        self.connection.execute(_RESPONSIBLE_UNIT)
        self.connection.execute(
            "create temp table own as select landed.* exclude (file_sha256, sheet),"
            " landed.revision = latest.revision as is_latest, last_month,"
            " cast(landed.month || '-01' as date) as month_start, last_day(cast(landed.month || '-01' as date)) as month_end,"
            " reporting_unit_name, unit_kind, received_on from landed"
            " left join (select *, lag(month) over (partition by reporting_unit_id order by month) as last_month from"
            " (select reporting_unit_id, month, max(revision) as revision from landed group by all)) as latest"
            " using (reporting_unit_id, month)"
            " left join kinds using (reporting_unit_id) left join received using (submission_id)"
        )
        self.has_history = False

    def judge(self, levels: Sequence[int]) -> Verdicts:
        """Ask the rules of these levels of all rows; level 2 looks up the periods before among them."""
        broken: dict[str, list[Broken]] = {}
        unverified = []
        for rule in self.form.rules:
            if rule.level not in levels:
                continue
            try:
                rows = self._rows(rule)
            except duckdb.Error as error:
                unverified.append(Unverified(rule, str(error).strip().splitlines()[0]))
                continue
            for row in rows:
                if row["submission_id"] not in self.letters:
                    continue
                broken.setdefault(row["submission_id"], []).append(self._in_words(rule, row))
        return Verdicts(broken, unverified)

    def compile(self, rule: Rule) -> None:
        """Raise `duckdb.Error` for a rule that is no SQL over its form."""
        self.connection.execute("explain " + self._query(rule))

    def _rows(self, rule: Rule) -> list[dict[str, Any]]:
        """What breaks a rule: rows, or submissions."""
        cursor = self.connection.execute(self._query(rule))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _query(self, rule: Rule) -> str:
        if rule.level > 1:
            self._add_history()
        shown = "".join(f", ({sql}) as {name}" for name, sql in rule.show.items())
        wrong = {"passes": "holds = false", "fails": "holds is not true", "unverified": "holds is not true"}[rule.missing]
        in_force = f"month >= '{rule.since or ''}' and month <= '{rule.until or '9'}'"
        match rule.each:
            case "submission":
                source = self._measured(rule)
                influence = "abs(value - coalesce(middle(history), 0)) / nullif(sum(value) over city, 0)"
            case "row":
                source, influence = ("with_prev" if rule.level > 1 else "own"), self._influence(rule)
            case "previous_row":
                source, influence = "gone", "null"
        order = "value" if rule.each == "submission" else "row_number"
        return (
            "select *, count(*) over (partition by submission_id) as broken_count,"
            f" row_number() over (partition by submission_id order by {order}) as place"
            f" from (select *, ({rule.holds}) as holds, {influence} as influence{shown} from {source}"
            f" window city as (partition by month)) where {wrong} and {in_force}"
            f" qualify place <= {LISTED_A_RULE} order by submission_id, place"
        )

    def _influence(self, rule: Rule) -> str:
        field = self.form.by_name[rule.at[0]]
        if not field.is_number or field.flow not in ("month", "ytd", "stock"):
            return "null"
        return f"cast(abs({field.name}) as double) / nullif(sum(abs({field.name})) filter (is_latest) over city, 0)"

    def _measured(self, rule: Rule) -> str:
        return (
            "(select *, median(value / nullif(middle(history), 0)) over (partition by month"
            " rows between unbounded preceding and unbounded following exclude current row) as season"
            " from (select *, list(value) over (partition by reporting_unit_id order by month_start range between"
            f" interval {HISTORY_PERIODS * self.form.period_months} months preceding and interval 1 month preceding) as history"
            " from (select submission_id, reporting_unit_id, month, month_start, month_end, unit_kind, received_on,"
            f" cast({rule.measure} as double) as value from own group by all)))"
        )

    def _add_history(self) -> None:
        if self.has_history:
            return
        self.has_history = True
        key = " and ".join(f"earlier.{name} = own.{name}" for name in self.form.grain)
        before = "earlier.reporting_unit_id = own.reporting_unit_id and earlier.month = own.last_month"
        self.connection.execute(
            f"create temp view with_prev as select own.*, {_packed(self.form, 'earlier')} as prev"
            f" from own left join own as earlier on {before} and {key}"
        )
        of_unit = "submission_id, reporting_unit_id, month, last_month, month_start, month_end, received_on"
        not_of_unit = "submission_id, month, last_month, month_start, month_end, received_on, row_number"
        self.connection.execute(
            f"create temp view gone as select earlier.* exclude ({not_of_unit}), of_unit.* exclude (reporting_unit_id),"
            f" cast(null as integer) as row_number, {_packed(self.form, 'own')} as now"
            f" from (select distinct {of_unit} from own) as of_unit"
            " join own as earlier on earlier.reporting_unit_id = of_unit.reporting_unit_id and earlier.month = of_unit.last_month"
            f" left join own on own.submission_id = of_unit.submission_id and {key}"
        )

    def _in_words(self, rule: Rule, row: Mapping[str, Any]) -> Broken:
        is_row = rule.each == "row"
        letters = self.letters[row["submission_id"]]
        cells = {name: f"{letters.get(name, '')}{row['row_number']}" for name in rule.at} if is_row else {}
        said: dict[str, Any] = {name: self._shown(name, value) for name, value in row.items() if not isinstance(value, dict)}
        for before in ("prev", "now"):
            if isinstance(row.get(before), dict):
                said[before] = {name: self._shown(name, value) for name, value in row[before].items()}
        is_unverified = row["holds"] is None and rule.missing == "unverified"
        message = rule.message.format_map(said | {"at": cells, "cell": cells.get(rule.at[0], "") if rule.at else ""})
        problem = Problem(
            rule.id,
            f"“{rule.title}”未能核验：{message}" if is_unverified else message,
            rule.advice,
            severity="warning" if is_unverified else rule.severity,
            cell=cells[rule.at[0]] if is_row else None,
            field=rule.at[0] if rule.at else None,
            value=" / ".join(said[name] for name in rule.at) if is_row else said.get("value"),
            expected=rule.title,
            level=rule.level,
            subject=None if rule.each == "submission" else "、".join(said[name] for name in self.form.grain),
            influence=None if row["influence"] is None else round(float(row["influence"]), 6),
            must_explain=rule.explain,
            is_unverified=is_unverified,
        )
        unlisted = row["broken_count"] - LISTED_A_RULE if row["place"] == LISTED_A_RULE else 0
        return Broken(problem, frozenset(cells.values()), unlisted)

    def _shown(self, name: str, value: object) -> str:
        """A value as the sender would write it: a code as its label, a number without the zeros of storage."""
        field = self.form.by_name.get(name)
        match value:
            case None:
                return "空"
            case str() if field is not None and field.codes:
                return self.labels[field.codes].get(value, value)
            case Decimal():
                return f"{value.normalize():f}"
            case float():
                return f"{value:.4f}".rstrip("0").rstrip(".")
            case list():
                return "、".join(self._shown(name, each) for each in value)
        return str(value)


def _packed(form: Form, table: str) -> str:
    """A row of a table as one value; NULL values where there is no row."""
    return "{" + ", ".join(f"{each.name}: {table}.{each.name}" for each in form.fields) + "}"


def unverified_finding(form: Form, unverified: Unverified, month: str | None = None) -> Finding:
    """That a rule could not be done for any submission: for those who keep the rules, not for those who report."""
    rule = unverified.rule
    return Finding(
        rule_id=rule.id,
        level=rule.level,
        severity="warning",
        form=form.form,
        month=month,
        message=f"{form.title}的规则“{rule.title}”未能核验：{unverified.reason}",
        advice="这是规则本身的问题，不是填报单位的错；请与维护人员联系",
        is_unverified=True,
    )
