"""What the pages tell, read from one release's own database and put together by what a page is about.

Belongs here: the queries and the joining of their rows. Does not belong here: how a number is written (`shown`) or a page looks
(`render`, the templates).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

Row = dict[str, Any]

DATABASE = "wanstat.duckdb"
# An indicator's windows, the one a reader looks for first in front.
WINDOWS = ("month", "quarter", "point", "ytd", "year")
# A ranking by what has come together over the year says more than one by a single month.
RANKED_BY = ("ytd", "point", "year", "quarter", "month")

_QUERIES = {
    "release": "SELECT * FROM marts.release",
    "areas": "SELECT * FROM marts.dim_area ORDER BY area_kind, area_id",
    "units": "SELECT * FROM marts.dim_reporting_unit ORDER BY unit_kind, reporting_unit_id",
    "indicators": "SELECT * FROM marts.dim_indicator ORDER BY plan_row NULLS LAST, source_form, indicator_id",
    "cards": "SELECT * FROM marts.indicator_cards",
    "observations": """
        SELECT indicator_id, hierarchy, area_id, period_id, window_kind, observed.value, value_low, value_high,
            observed.obs_status, submission_count, expected_submission_count, basis,
            growth, growth_unit, share_of_city, area_rank, ranked_count
        FROM marts.observations AS observed
        LEFT JOIN marts.indicator_growth AS grown USING (indicator_id, hierarchy, area_id, period_id, window_kind)
        WHERE hierarchy IN ('city', 'reported')
        ORDER BY indicator_id, window_kind, hierarchy, area_id, period_id
    """,
    "targets": """
        SELECT plan.*, documents.document_title
        FROM marts.plan_progress AS plan
        LEFT JOIN (SELECT DISTINCT document_id, document_title FROM marts.published_figures) AS documents USING (document_id)
        ORDER BY plan_row NULLS LAST, target_id
    """,
    "vintages": """
        SELECT * FROM marts.observation_vintages
        WHERE hierarchy = 'city' AND (vintage > 1 OR known_to IS NOT NULL)
        ORDER BY indicator_id, period_id DESC, window_kind, vintage DESC
    """,
    "known": """
        SELECT indicator_id, max(known_from) AS known_from, max(vintage) AS vintage
        FROM marts.observation_vintages WHERE hierarchy = 'city' AND known_to IS NULL GROUP BY ALL
    """,
    "revisions": """
        SELECT * FROM marts.revisions WHERE hierarchy IN ('city', 'reported')
        ORDER BY indicator_id, known_from DESC, hierarchy, area_id, period_id DESC, window_kind
    """,
    "changes": """
        SELECT release_id, reason_code, reason_label, count(*) AS changed, count(DISTINCT indicator_id) AS indicators,
            string_agg(DISTINCT sender_names, '、') AS senders
        FROM marts.revisions GROUP BY ALL ORDER BY ALL
    """,
    "findings": """
        SELECT * FROM marts.findings
        ORDER BY array_position(['error', 'warning', 'info'], severity), month DESC, form, reporting_unit_id, finding_id
    """,
    "statuses": "SELECT * FROM marts.submission_status ORDER BY form, reporting_unit_id, month",
    "corrections": "SELECT * FROM marts.corrections ORDER BY correction_id",
    "figures": "SELECT figure_id, document_title, indicator_label, period, nature, as_printed FROM marts.published_figures",
    "conflicts": """
        SELECT * FROM marts.conflicts
        ORDER BY array_position(['reopened', 'open', 'ruled'], state), array_position(['error', 'warning', 'info'], severity),
            indicator_id, conflict_id
    """,
    "members": "SELECT * FROM marts.conflict_members ORDER BY conflict_id, figure_id",
    "explanations": "SELECT * FROM marts.conflict_explanations ORDER BY conflict_id, place",
    "rulings": "SELECT * FROM marts.rulings ORDER BY conflict_id",
    "not_comparable": "SELECT * FROM marts.not_comparable ORDER BY indicator_id, figure_id, other_figure_id",
}


@dataclass(frozen=True)
class Series:
    """The observations of an indicator in one window: `city` by period, `areas` by area and period."""

    window: str
    city: Mapping[str, Row]
    areas: Mapping[str, Mapping[str, Row]]


@dataclass(frozen=True)
class Indicator:
    """All that is known of one indicator; `row` is its line of dim_indicator."""

    row: Row
    series: Mapping[str, Series]
    cards: tuple[Row, ...]
    targets: tuple[Row, ...]
    vintages: tuple[Row, ...]
    known: Row | None
    revisions: tuple[Row, ...]
    warnings: tuple[Row, ...]
    conflicts: tuple[Row, ...]

    @property
    def indicator_id(self) -> str:
        return self.row["indicator_id"]

    @property
    def decimals(self) -> int:
        return self.row["decimals"]

    @property
    def latest(self) -> tuple[Series, Row] | None:
        """The newest city figure, in the window a reader looks for first."""
        found = [(one, one.city[max(one.city)]) for one in self.series.values() if one.city]
        return max(found, key=lambda each: (each[1]["period_id"], -WINDOWS.index(each[0].window)), default=None)

    @property
    def ranked(self) -> tuple[Series, str] | None:
        """The window and its newest period by which areas are ranked; None where no area reports."""
        for window in RANKED_BY:
            if window in self.series and self.series[window].areas:
                one = self.series[window]
                return one, max(period for rows in one.areas.values() for period in rows)
        return None


@dataclass(frozen=True)
class Facts:
    """A release as its pages tell it. Rows are as the marts have them, one dictionary a row; `eleven` are the plan table's."""

    release: Row
    city: Row
    areas: Mapping[str, Row]
    units: Mapping[str, Row]
    indicators: Mapping[str, Indicator]
    labels: Mapping[str, str]
    statuses: tuple[Row, ...]
    findings: tuple[Row, ...]
    corrections: tuple[Row, ...]
    conflicts: tuple[Row, ...]
    not_comparable: tuple[Row, ...]
    figures: Mapping[str, Row]
    changes: tuple[Row, ...]
    eleven: tuple[Row, ...]


def read_facts(folder: Path) -> Facts:
    """Read what the pages tell from `folder`/wanstat.duckdb.

    Raises:
        duckdb.Error: the database lacks a public table.
    """
    settings = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false", "enable_external_access": "false"}
    with duckdb.connect(str(folder / DATABASE), read_only=True, config=settings) as connection:
        rows = {name: _rows(connection, query) for name, query in _QUERIES.items()}
    areas = {row["area_id"]: row for row in rows["areas"]}
    conflicts = _conflicts(rows)
    labels = {row["indicator_id"]: row["indicator_label"] for row in rows["indicators"]}
    return Facts(
        release=rows["release"][0],
        city=next((row for row in rows["areas"] if row["area_kind"] == "city"), {"area_id": "", "area_name": ""}),
        areas=areas,
        units={row["reporting_unit_id"]: row for row in rows["units"]},
        indicators=_indicators(rows, areas, conflicts),
        labels=labels,
        statuses=tuple(rows["statuses"]),
        findings=tuple(rows["findings"]),
        corrections=tuple(rows["corrections"]),
        conflicts=conflicts,
        not_comparable=tuple(rows["not_comparable"]),
        figures={row["figure_id"]: row for row in rows["figures"]},
        changes=tuple(rows["changes"]),
        eleven=tuple(row for row in rows["targets"] if row["plan_row"] is not None),
    )


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    found = connection.execute(query)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _grouped(rows: Iterable[Row], key: str) -> dict[Any, list[Row]]:
    groups = defaultdict(list)
    for row in rows:
        groups[row[key]].append(row)
    return groups


def _conflicts(rows: Mapping[str, list[Row]]) -> tuple[Row, ...]:
    """Each conflict with its members (and where they are printed), explanations and ruling."""
    members, explanations = _grouped(rows["members"], "conflict_id"), _grouped(rows["explanations"], "conflict_id")
    figures = {row["figure_id"]: row for row in rows["figures"]}
    rulings = {row["conflict_id"]: row for row in rows["rulings"] if row["state"] != "unknown"}
    labels = {row["indicator_id"]: row["indicator_label"] for row in rows["indicators"]}
    return tuple(
        row
        | {
            "indicator_label": labels.get(row["indicator_id"]) or "",
            "members": [one | {"figure": figures.get(one["figure_id"], {})} for one in members[row["conflict_id"]]],
            "explanations": explanations[row["conflict_id"]],
            "ruling": rulings.get(row["conflict_id"]),
        }
        for row in rows["conflicts"]
    )


def _indicators(rows: Mapping[str, list[Row]], areas: Mapping[str, Row], conflicts: Iterable[Row]) -> dict[str, Indicator]:
    """The indicators that have observations, in the order of the plan and then of the forms."""
    observed, cards = _grouped(rows["observations"], "indicator_id"), _grouped(rows["cards"], "indicator_id")
    targets, vintages = _grouped(rows["targets"], "measured_indicator_id"), _grouped(rows["vintages"], "indicator_id")
    revisions, known = _grouped(rows["revisions"], "indicator_id"), _grouped(rows["known"], "indicator_id")
    open_warnings = [row for row in rows["findings"] if row["must_explain"] and row["state"] == "open"]
    warnings = _grouped(open_warnings, "form")
    by_id = {row["conflict_id"]: row for row in conflicts if row["category"] == "contradiction"}
    forms = {row["indicator_id"]: row["source_form"] for row in rows["indicators"]}
    made = {}
    for row in rows["indicators"]:
        indicator_id = row["indicator_id"]
        if indicator_id not in observed:
            continue
        sources = {forms.get(one) for one in (indicator_id, row["numerator_id"], row["denominator_id"]) if one} - {None}
        ids = {each for card in cards[indicator_id] for each in (card["conflict_ids"] or "").split()}
        # A ruled conflict is on no card any more; what was decided still belongs beside the figure.
        ids |= {one for one, conflict in by_id.items() if conflict["indicator_id"] == indicator_id}
        made[indicator_id] = Indicator(
            row=row,
            series=_series(observed[indicator_id], areas),
            cards=tuple(sorted(cards[indicator_id], key=lambda card: WINDOWS.index(card["window_kind"]))),
            targets=tuple(targets[indicator_id]),
            vintages=tuple(vintages[indicator_id]),
            known=(known[indicator_id] or [None])[0],
            revisions=tuple(revisions[indicator_id]),
            warnings=tuple(one for form in sorted(sources) for one in warnings[form]),
            conflicts=tuple(conflict for one, conflict in by_id.items() if one in ids),
        )
    return made


def _series(rows: Iterable[Row], areas: Mapping[str, Row]) -> dict[str, Series]:
    by_window = _grouped(rows, "window_kind")
    made = {}
    for window in (one for one in WINDOWS if one in by_window):
        city, reported = {}, defaultdict(dict)
        for row in by_window[window]:
            if row["hierarchy"] == "city":
                city[row["period_id"]] = row
            elif areas.get(row["area_id"], {}).get("area_kind") != "city":  # a department's report is no area's
                reported[row["area_id"]][row["period_id"]] = row
        made[window] = Series(window, city, dict(reported))
    return made


def path_values(target: Row, baseline: Decimal | None) -> list[tuple[int, Decimal]]:
    """The value a target's path asks for at each year's end from the base year to the target's; empty where it has none.

    Compound growth or a straight line as `path_kind` says, as marts.plan_progress computes `compound_path_value` and
    `linear_path_value`.
    """
    start, end, goal = target["baseline_year"], target["target_year"], target["target_value"]
    if target["path_kind"] == "rate" and None not in (start, end, goal):
        return [(year, goal) for year in range(start + 1, end + 1)]
    if None in (baseline, start, end, goal) or end <= start or target["target_window"] != "level":
        return []
    if target["path_kind"] == "compound" and baseline > 0 and goal > 0:
        growth = (float(goal) / float(baseline)) ** (1 / (end - start))
        return [(year, baseline * Decimal(growth ** (year - start))) for year in range(start, end + 1)]
    if target["path_kind"] == "linear":
        return [(year, baseline + (goal - baseline) * (year - start) / (end - start)) for year in range(start, end + 1)]
    return []
