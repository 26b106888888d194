"""From one observation back to the cells it was added up from.

Belongs here: which cells, in which file under which header, as written, in which unit, converted how. Does not belong here:
how an indicator is worked out (dbt: `core_contributions`), or showing.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from pipelines.refusals import Refusal
from pipelines.release import catalog
from pipelines.release.codes import HIERARCHIES, WINDOWS
from pipelines.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

TOLERANCE = Decimal("0.000001")  # the stored precision of each reporting unit's value, of which an observation is the sum


class CannotTrace(Refusal):
    """There is nothing to trace, or not now; the message says why, in Chinese."""


@dataclass(frozen=True)
class Observation:
    """The observation that is traced, as released.

    Attributes:
        value_low, value_high: between what it lies where an overlap is not known; else the value.
        other_hierarchies: in which else there is one of this area, period and window, by comma.
    """

    indicator_id: str
    indicator_label: str
    area_id: str
    area_name: str
    hierarchy: str
    period_id: str
    window_kind: str
    value: Decimal | None
    value_low: Decimal | None
    value_high: Decimal | None
    unit: str
    obs_status: str
    other_hierarchies: str | None
    release_id: str
    is_practice: bool


@dataclass(frozen=True)
class Origin:
    """A cell that counts in the observation.

    Attributes:
        indicator_id: what it is added up to: the observation, or the numerator or the denominator of it.
        month: of the submission; an annual form is about the year before.
        written: what stands in the cell; `stored` is what was kept of it, in `stored_unit`.
        unit, unit_from: the unit it was written in and where that is stated.
        conversion: in Chinese, what was done to the text; None where it was taken as it stands.
        factor: what the number was multiplied by to be in the stored unit.
        received: what it was before the office corrected it to `stored`; None, as the three that follow, where it did not.
        counts_as: what it adds to the observation, in the observation's unit; None where the cell was left blank.
    """

    indicator_id: str
    reporting_unit_id: str
    reporting_unit_name: str
    month: str
    submission_id: str
    revision: int
    file_name: str
    file_sha256: str
    sheet: str
    cell: str
    field: str
    header_path: str
    written: str
    unit: str | None
    unit_from: str | None
    conversion: str | None
    factor: str | None
    received: str | None
    corrected_by: str | None
    corrected_on: date | None
    correction_reason: str | None
    stored: str
    counts_as: Decimal | None


@dataclass(frozen=True)
class Missing:
    """A submission that should count in the observation and does not.

    Attributes:
        state: as in `submission_status`; `reason` says why in Chinese, where there is more to say.
        is_stale: the unit's last roster counts in its place.
    """

    form: str
    reporting_unit_id: str
    reporting_unit_name: str
    month: str
    state: str
    reason: str | None
    is_stale: bool


@dataclass(frozen=True)
class Fed:
    """An observation that cells of a file count in.

    Attributes:
        cells, row_count: those of the file that do.
        month: that they count in; an observation of a year to date is of it or of a later one.
    """

    indicator_id: str
    indicator_label: str
    hierarchy: str
    area_id: str
    area_name: str
    period_id: str
    window_kind: str
    value: Decimal | None
    unit: str
    obs_status: str
    file_name: str
    sheet: str
    cells: str
    row_count: int
    month: str


@dataclass(frozen=True)
class Asked:
    """Which observation is asked for; what is None is the plainest there is: the city, what a unit reported, the last period."""

    indicator: str
    area: str | None = None
    period: str | None = None
    window: str | None = None
    hierarchy: str | None = None


def observation(settings: Settings, asked: Asked) -> Observation:
    """The released observation of an indicator (id or name).

    Raises:
        CannotTrace: there is no release or no such observation; says which argument is wrong and what there is instead.
    """
    import duckdb

    release = catalog.current_release(settings)
    if release is None:
        raise CannotTrace("还没有发布；请先运行 wanstat load")
    database = catalog.release_folder(settings, release.release_id) / catalog.DATABASE
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(
            """
            select o.indicator_id, i.indicator_label, o.area_id, a.area_name, o.hierarchy, o.period_id, o.window_kind,
                o.value, o.value_low, o.value_high, o.unit, o.obs_status,
                (
                    select string_agg(hierarchy, ',' order by hierarchy) from marts.observations as others
                    where others.hierarchy <> o.hierarchy and (indicator_id, area_id, period_id, window_kind)
                        = (o.indicator_id, o.area_id, o.period_id, o.window_kind)
                ) as other_hierarchies
            from marts.observations o
            join marts.dim_indicator i using (indicator_id)
            join marts.dim_area a using (area_id)
            where $indicator in (o.indicator_id, i.indicator_label)
                and ($period is null or o.period_id = $period)
                and ($area is null and o.hierarchy = 'city' or $area in (o.area_id, a.area_name))
                and ($window is null or o.window_kind = $window)
                and ($hierarchy is null or o.hierarchy = $hierarchy)
            order by case when length(o.period_id) = 4 then o.period_id || '-12' else o.period_id end desc,
                case o.window_kind when 'ytd' then 2 when 'year' then 1 else 0 end,
                case o.hierarchy when 'city' then 0 when 'reported' then 1 else 2 end, o.hierarchy
            """,
            asdict(asked),
        ).fetchone()
        if found is None:
            raise CannotTrace(f"{release.release_id} 中{_why_none(connection, asked)}")
    return Observation(*found, release.release_id, release.is_practice)


def _why_none(connection: duckdb.DuckDBPyConnection, asked: Asked) -> str:
    """Which argument no observation answers to, in Chinese, and what may be said instead."""
    indicator, area = asked.indicator, asked.area
    labels = dict(connection.execute("select indicator_id, indicator_label from marts.dim_indicator").fetchall())
    areas = dict(connection.execute("select area_id, area_name from marts.dim_area").fetchall())
    rows = connection.execute(
        "select distinct indicator_id, hierarchy, area_id, period_id, window_kind from marts.observations order by all"
    ).fetchall()

    def listed(values: Iterable[str]) -> str:
        return "、".join(dict.fromkeys(values))

    of_indicator = [row for row in rows if indicator in (row[0], labels[row[0]])]
    if not of_indicator:
        is_known = indicator in labels or indicator in labels.values()
        why = f"指标“{indicator}”没有观测值" if is_known else f"没有名为“{indicator}”的指标"
        there = list(dict.fromkeys(labels[row[0]] for row in rows))
        near = [label for label in there if indicator in label] or difflib.get_close_matches(indicator, there, n=5, cutoff=0.4)
        return f"{why}；是不是：{listed(near)}" if near else f"{why}；有观测值的指标：{listed(there)}"
    in_area = [row for row in of_indicator if (row[1] == "city" if area is None else area in (row[2], areas[row[2]]))]
    if not in_area:
        is_known = area is None or area in areas or area in areas.values()
        why = f"“{indicator}”没有{areas.get(area or '', area or '全市')}的观测值" if is_known else f"没有名为“{area}”的地区"
        return f"{why}；有“{indicator}”的地区：{listed(areas[row[2]] for row in of_indicator)}"
    windows = [f"{row[4]} {WINDOWS[row[4]]}" for row in in_area]
    in_window = [row for row in in_area if asked.window in (None, row[4])]
    if not in_window:
        return f"“{indicator}”没有“{asked.window}”这种时段；有的时段：{listed(windows)}"
    in_hierarchy = [row for row in in_window if asked.hierarchy in (None, row[1])]
    if not in_hierarchy:
        there = listed(f"{row[1]} {HIERARCHIES[row[1]]}" for row in in_window)
        return f"“{indicator}”没有“{asked.hierarchy}”这种层级体系的观测值；有的层级体系：{there}"
    return f"“{indicator}”没有 {asked.period} 的观测值；有的月份：{listed(row[3] for row in in_hierarchy)}"


def terms_of(settings: Settings, traced: Observation) -> tuple[Observation, ...]:
    """What an observation is worked out from: of a ratio the numerator and the denominator, else itself.

    Raises:
        CannotTrace: as `observation`.
    """
    with _built(settings) as connection:
        found = connection.execute(
            "select numerator_id, denominator_id from core.core_indicators where indicator_id = ? and numerator_id is not null",
            [traced.indicator_id],
        ).fetchone()
    where = (traced.area_id, traced.period_id, traced.window_kind, traced.hierarchy)
    return tuple(observation(settings, Asked(each, *where)) for each in found) if found else (traced,)


def missing(settings: Settings, traced: Observation) -> list[Missing]:
    """The submissions that were expected for an observation that is no ratio and do not count in it, by unit and month."""
    first, last = _months(traced)
    with _built(settings) as connection:
        rows = connection.execute(
            """
            with parts as (
                select distinct form, reporting_unit_id, report_month, coalesce(is_stale, false) as is_stale
                from core.core_area_parts
                where indicator_id = $indicator and hierarchy = $hierarchy and area_id = $area and part = 'own'
                    and month between $first and $last and is_expected and not is_covered and not is_city_figure
            )
            select parts.form, parts.reporting_unit_id, units.reporting_unit_name, status.month, status.state, status.reason,
                parts.is_stale
            from parts
            join core.core_reporting_units as units using (reporting_unit_id)
            join core.core_submission_status as status
                on status.form = parts.form and status.reporting_unit_id = parts.reporting_unit_id
                and status.month = parts.report_month
            order by parts.reporting_unit_id, status.month
            """,
            {
                "indicator": traced.indicator_id,
                "hierarchy": traced.hierarchy,
                "area": traced.area_id,
                "first": last if traced.window_kind == "point" else first,
                "last": last,
            },
        ).fetchall()
    return [Missing(*row) for row in rows]


def _built(settings: Settings) -> duckdb.DuckDBPyConnection:
    import duckdb

    try:
        connection = duckdb.connect(str(settings.build_database), read_only=True)
    except duckdb.IOException as error:
        raise CannotTrace("正在装载，或还没有装载过；请等装载结束后再试") from error
    connection.execute("set file_search_path = ?", [settings.sources])  # the views of staging name files relative to it
    return connection


def _months(traced: Observation) -> tuple[str, str]:
    """The first and the last month whose reports an observation may be made of; an annual report goes by its December."""
    last = f"{traced.period_id}-12" if traced.window_kind == "year" else traced.period_id
    return (f"{last[:4]}-01" if traced.window_kind in ("ytd", "year") else last), last


def origins(settings: Settings, traced: Observation) -> list[Origin]:
    """Every cell that counts in an observation that is no ratio, by reporting unit, month, file and row.

    Raises:
        CannotTrace: a load is running, or what was landed since no longer adds up to the released value.
    """
    with _built(settings) as connection:
        rows = _contributions(connection, traced)
    found = [Origin(**row | _as_written(row)) for row in rows]
    known = [each.counts_as for each in found if each.counts_as is not None]
    added = sum(known, Decimal(0))
    units = len({(each.reporting_unit_id, each.month) for each in found})
    # With a blank among the cells the value was told from the year to date, and not by adding these up.
    adds_up = traced.value is not None and len(known) == len(found)
    if adds_up and abs(added - traced.value) > TOLERANCE * max(units, 1):
        raise CannotTrace(
            f"{traced.release_id} 发布的是 {traced.value.normalize():f}，而现在的报送相加是 {added.normalize():f}："
            "发布以后又有新的报送。请重新装载后再追溯"
        )
    return found


def _contributions(connection: duckdb.DuckDBPyConnection, traced: Observation) -> list[dict[str, Any]]:
    form = connection.execute(
        "select source_form from core.core_indicators where indicator_id = ? and source_form is not null", [traced.indicator_id]
    ).fetchone()
    if form is None:
        return []
    first, last = _months(traced)
    fields = connection.execute(
        "select distinct field from core.core_contributions where indicator_id = ?", [traced.indicator_id]
    ).fetchall()
    stored = " ".join(f"when '{name}' then cast(landed.{name} as varchar)" for (name,) in fields)
    if not stored:
        return []
    cursor = connection.execute(
        f"""
        with parts as (
            select contributions.*
            from core.core_contributions as contributions
            join core.core_area_parts as area_parts using (indicator_id, reporting_unit_id, month)
            -- A zone that stands on its own has the rows that a county reported too, and the county does not.
            left join core.core_area_units as own_zones
                on own_zones.hierarchy = area_parts.hierarchy and own_zones.area_id = contributions.zone_area_id
                and area_parts.hierarchy in ('statistical', 'zone')
            where contributions.indicator_id = $indicator and contributions.month between $first and $last
                and area_parts.hierarchy = $hierarchy and area_parts.area_id = $area and area_parts.value_high is not null
                and case area_parts.part
                    when 'moved' then contributions.zone_area_id = $area
                    else own_zones.area_id is null or own_zones.area_id = $area
                end
        )
        select
            parts.indicator_id,
            parts.reporting_unit_id,
            units.reporting_unit_name,
            submissions.month,
            parts.submission_id,
            submissions.revision,
            submissions.file_name,
            parts.file_sha256,
            parts.sheet,
            passports.column_letters || parts.row_number as cell,
            parts.field,
            passports.header_path,
            conversions.written,
            passports.unit,
            passports.unit_from,
            conversions.conversion,
            passports.factor,
            corrections.received_value as received,
            corrections.corrected_by,
            corrections.corrected_on,
            corrections.reason as correction_reason,
            case parts.field {stored} end as stored,
            parts.value as counts_as
        from parts
        join core.core_reporting_units as units using (reporting_unit_id)
        join read_parquet('submissions/*.parquet') as submissions using (submission_id)
        join read_parquet('{form[0]}/*.parquet') as landed using (submission_id, row_number)
        left join read_parquet('passports/*.parquet') as passports using (submission_id, field)
        left join read_parquet('conversions/*.parquet') as conversions using (submission_id, field, row_number)
        left join (
            from read_parquet('corrections/*.parquet') where state = 'applied' and action in ('override', 'scale')
        ) as corrections using (submission_id, field, row_number)
        order by parts.reporting_unit_id, submissions.month, parts.submission_id, parts.row_number
        """,
        {
            "indicator": traced.indicator_id,
            "first": first,
            "last": last,
            "hierarchy": traced.hierarchy,
            "area": traced.area_id,
        },
    )
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def fed_by(settings: Settings, file: str, cell: str | None = None) -> list[Fed]:
    """The observations that the cells of a file count in, or one cell: the way back.

    Args:
        file: its name, with folders or without, or the beginning of its SHA-256.
        cell: such as K6; None for all of the file.

    Raises:
        CannotTrace: there is no such file, it does not count, or the cell is none or counts in nothing.
    """
    match = re.fullmatch(r"([A-Za-z]{1,3})([1-9]\d*)", cell.strip()) if cell is not None else None
    if cell is not None and match is None:
        raise CannotTrace(f"“{cell}”不是单元格；写成 K6 的样子")
    column, row = (match[1].upper(), int(match[2])) if match else (None, None)
    with _built(settings) as connection:
        submissions = connection.execute(
            """
            select submission_id, file_name, state, reason from read_parquet('submissions/*.parquet')
            where file_name = $file or file_name like '%/' || $file or file_sha256 like $file || '%' order by all
            """,
            {"file": file},
        ).fetchall()
        if not submissions:
            raise CannotTrace(f"没有收到过文件“{file}”；写文件名，或 SHA-256 的开头几位")
        cursor = connection.execute(_FED_BY, {"ids": [each[0] for each in submissions], "column": column, "row": row})
        names = [each[0] for each in cursor.description or ()]
        found = [Fed(**dict(zip(names, values, strict=True))) for values in cursor.fetchall()]
    if found:
        return found
    _, name, state, reason = submissions[-1]
    if state not in ("accepted", "open"):
        raise CannotTrace(f"{name} 没有计入：{reason or state}")
    where = f" {cell} 单元格" if cell else "单元格"
    raise CannotTrace(f"{name} 的{where}没有计入任何指标：可能不是数据，或另一单位、另一次报送已计入")


_FED_BY = """
with cells as (
    select
        contributions.indicator_id, contributions.reporting_unit_id, contributions.month, contributions.zone_area_id,
        submissions.file_name, contributions.sheet, passports.column_letters, contributions.row_number
    from core.core_contributions as contributions
    join read_parquet('submissions/*.parquet') as submissions using (submission_id)
    left join read_parquet('passports/*.parquet') as passports using (submission_id, field)
    where list_contains($ids, contributions.submission_id)
        and ($column is null or passports.column_letters = $column and contributions.row_number = $row)
),

parts as (
    select
        cells.indicator_id, cells.month, area_parts.hierarchy, area_parts.area_id, cells.file_name, cells.sheet,
        min(cells.column_letters) || min(cells.row_number)
            || case when min(cells.row_number) < max(cells.row_number)
                then ':' || max(cells.column_letters) || max(cells.row_number) else '' end as cells,
        count(distinct cells.row_number) as row_count
    from cells
    join core.core_area_parts as area_parts using (indicator_id, reporting_unit_id, month)
    -- As where an observation is taken apart: a zone that stands on its own has the rows that a county reported too.
    left join core.core_area_units as own_zones
        on own_zones.hierarchy = area_parts.hierarchy and own_zones.area_id = cells.zone_area_id
        and area_parts.hierarchy in ('statistical', 'zone')
    where area_parts.value_high is not null
        and case area_parts.part
            when 'moved' then cells.zone_area_id = area_parts.area_id
            else own_zones.area_id is null or own_zones.area_id = area_parts.area_id
        end
    group by all
)

select
    observations.indicator_id, indicators.indicator_label, observations.hierarchy, observations.area_id, areas.area_name,
    observations.period_id, observations.window_kind, observations.value, observations.unit, observations.obs_status,
    parts.file_name, parts.sheet, parts.cells, parts.row_count, parts.month
from parts
join marts.dim_indicator as indicators
    on parts.indicator_id in (indicators.indicator_id, indicators.numerator_id, indicators.denominator_id)
join marts.observations as observations
    on observations.indicator_id = indicators.indicator_id and observations.hierarchy = parts.hierarchy
    and observations.area_id = parts.area_id and case observations.window_kind
        when 'year' then observations.period_id = substring(parts.month, 1, 4)
        when 'ytd' then substring(observations.period_id, 1, 4) = substring(parts.month, 1, 4)
            and observations.period_id >= parts.month
        else observations.period_id = parts.month
    end
join marts.dim_area as areas on areas.area_id = observations.area_id
order by
    indicators.numerator_id is not null, observations.indicator_id, parts.month,
    list_position(['city', 'reported', 'statutory', 'statistical', 'zone'], observations.hierarchy), observations.area_id,
    observations.window_kind, observations.period_id
"""


def _as_written(row: dict[str, Any]) -> dict[str, str]:
    """What stands in the cell: as kept where reading changed it, else the number received in the unit it was written in."""
    if row["stored"] is None:  # left blank: what counts was told from the year to date
        return {"stored": "", "written": row["written"] or ""}
    stored, factor = _plain(row["stored"]), Fraction(row["factor"] or 1)
    if row["conversion"] is not None:
        return {"stored": stored}
    received = stored if row["correction_reason"] is None else row["received"] or ""
    written = received if factor == 1 or not received else _plain(str(Decimal(received) * factor.denominator / factor.numerator))
    return {"stored": stored, "written": written}


def _plain(text: str) -> str:
    """A decimal without the zeros that storage adds; other text as it is."""
    return text.rstrip("0").rstrip(".") if re.fullmatch(r"-?\d+\.\d+", text) else text

