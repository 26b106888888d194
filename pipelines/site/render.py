"""Writes the site of a release: index.html in its folder and everything else below site/, for reading from the disk, offline.

Belongs here: which pages there are, what each is given, the files beside them. Does not belong here: reading the release
(`facts`), the writing of single values (`shown`), the pages' look (templates and assets).
"""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache, partial
from importlib import resources
from pathlib import Path
from typing import Any, Protocol

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipelines.forms.model import load_forms
from pipelines.site import shown
from pipelines.site.facts import Facts, Indicator, Row, Series, path_values, read_facts
from pipelines.site.words import ENGLISH

INDEX = "index.html"
SITE = "site"
# Where the set-up puts the one file of ECharts, below the environment's own folder.
ECHARTS = Path("share") / "wanstat" / "echarts.min.js"
PRACTICE_BANNER = "【练习数据】本发布由虚构的练习数据算出，不是真实统计结果，不得引用。"

PAGES = {
    INDEX: "概览",
    "site/indicators.html": "指标",
    "site/conflicts.html": "公布数的矛盾",
    "site/quality.html": "数据质量",
    "site/releases.html": "发布",
    "site/downloads.html": "下载",
}
SEVERITIES = {"error": "错误", "warning": "警告", "info": "提示"}
CONFLICT_STATES = {"open": "未裁定", "ruled": "已裁定", "reopened": "须重新裁定"}
FINDING_STATES = {
    "open": "待改正或说明",
    "answered": "已说明",
    "closed": "已被取代",
    "unverified": "未能核验",
    "noted": "仅提示",
}
# State of an obligation -> the one character that stands in a matrix, and its name.
REPORT_STATES = {
    "accepted": ("✓", "已接受"),
    "open": ("警", "待说明"),
    "returned": ("退", "已退回"),
    "missing": ("缺", "未报"),
    "locked": ("锁", "锁定后才收到"),
    "exempt": ("免", "免报"),
}
VERDICT_SIGNS = {
    "achieved": "●",
    "on_track": "▲",
    "moderate": "◐",
    "limited": "▽",
    "deteriorating": "▼",
    "undetermined": "?",
    "no_data": "–",
}
VERDICT_LABELS = {
    "achieved": "已达目标",
    "on_track": "有望达标",
    "moderate": "有所进展",
    "limited": "进展有限",
    "deteriorating": "出现倒退",
    "undetermined": "尚不能判定",
    "no_data": "尚无数据",
}
SHADES = 5
LONGEST_HEATMAP = 13  # periods: a year and the same month of the year before
MOST_FINDINGS = 2000  # rows on the page; the table `findings` has them all
_FORM_SUFFIXES = ("登记月报", "备案月报", "证书名册", "月报", "季报", "年报", "名册")
_OTHER_FORMS = {"published_figures": "公布数台账", "figure_rulings": "裁定表", "corrections": "更正表"}


class Table(Protocol):
    """Of a table in a release's manifest."""

    rows: int
    digest: str


class Release(Protocol):
    """What the manifest of an earlier release says."""

    release_id: str
    built_at: str
    is_practice: bool
    tables: Mapping[str, Table]


def write_site(folder: Path, *, tables: Mapping[str, Table], earlier: Sequence[Release] = ()) -> list[Path]:
    """Write the pages of the release in `folder`, which is still being built: nobody reads it before it is whole.

    Without ECharts below `sys.prefix` the pages show the same figures as tables and say so.

    Args:
        folder: holds wanstat.duckdb and whatever else is offered for download; pages are written into it.
        tables: rows and digest of each of the release's tables.
        earlier: the releases there were before, oldest first; those of the other kind (practice, real) are passed over.

    Returns:
        The pages written.

    Raises:
        duckdb.Error: the database lacks a public table.
        OSError: what the disk answered.
    """
    facts = read_facts(folder)
    echarts = Path(sys.prefix) / ECHARTS
    environment = _environment(facts, has_charts=echarts.is_file())
    earlier = [one for one in earlier if one.is_practice == facts.release["is_practice"]]
    site = folder / SITE
    (site / "indicators").mkdir(parents=True)
    _write_assets(site / "assets", echarts)
    for one in facts.indicators.values():
        (site / "indicators" / f"{one.indicator_id}.csv").write_bytes(series_csv(one, facts))
    contents = {
        INDEX: ("overview", _overview(facts)),
        "site/indicators.html": ("indicators", {"groups": _indicator_groups(facts)}),
        "site/conflicts.html": ("conflicts", _conflicts(facts)),
        "site/quality.html": ("quality", _quality(facts)),
        "site/releases.html": ("releases", _releases(facts, tables, earlier)),
        "site/downloads.html": ("downloads", _downloads(folder, facts, tables)),
    }
    for one in facts.indicators.values():
        contents[f"site/indicators/{one.indicator_id}.html"] = ("indicator", {"one": one, **_indicator(one, facts)})
    written = []
    for name, (template, context) in contents.items():
        page = environment.get_template(f"{template}.html.j2").render(page=name, root="../" * name.count("/"), **context)
        (folder / name).write_text(page, encoding="utf-8")
        written.append(folder / name)
    return written


def _write_assets(folder: Path, echarts: Path) -> None:
    folder.mkdir()
    for asset in resources.files("pipelines.site").joinpath("assets").iterdir():
        (folder / asset.name).write_bytes(asset.read_bytes())
    if echarts.is_file():
        shutil.copyfile(echarts, folder / echarts.name)


# What the templates are given.


def _environment(facts: Facts, *, has_charts: bool) -> Environment:
    """Templates in which text is inert, a missing name is an error, and JSON is short and escaped."""
    made = Environment(
        loader=PackageLoader("pipelines.site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    made.globals |= {
        "t": translated,
        "english": lambda words: ENGLISH.get(words, ""),
        "number": shown.number,
        "plain": shown.plain,
        "value": cell,
        "observed": shown.observed,
        "period": shown.period,
        "pages": PAGES,
        "WINDOWS": shown.WINDOW_LABELS,
        "STATUSES": shown.STATUS_LABELS,
        "SEVERITIES": SEVERITIES,
        "CONFLICT_STATES": CONFLICT_STATES,
        "FINDING_STATES": FINDING_STATES,
        "REPORT_STATES": REPORT_STATES,
        "SIGNS": VERDICT_SIGNS,
        "VERDICTS": VERDICT_LABELS,
        "banner": PRACTICE_BANNER,
        "facts": facts,
        "release": facts.release,
        "has_charts": has_charts,
        "area": partial(_area_name, facts),
        "unit": partial(_unit_name, facts),
        "form": form_title,
        "counties": partial(counties, facts),
    }
    return made


def _finalized(value: object) -> object:
    if value is None:
        return ""
    return shown.inert(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def translated(words: str) -> Markup:
    """A label of the interface with its English for the language switch; one without English stays Chinese."""
    there = ENGLISH.get(words)
    return Markup('<span data-en="{}">{}</span>').format(there, words) if there else Markup("{}").format(shown.inert(words))


def cell(row: Row | None, decimals: int) -> Markup:
    """An observation in a table, with the mark of its status; nothing where none is due."""
    if row is None:
        return Markup("")
    written, status = shown.observed(row, decimals), row["obs_status"]
    if status == "M":
        return Markup('<span class="mark missing">{}</span>').format(translated("缺"))
    if status == "A":
        return Markup(written)
    return Markup(f'{written}<span class="mark" title="{shown.STATUS_LABELS[status]}">{status}</span>')


def form_title(form: str | None, *, short: bool = False) -> str:
    """What a form is called; `short` without the words that say how often it is sent."""
    forms = load_forms()
    title = forms[form].title if form in forms else _OTHER_FORMS.get(form or "", form or "")
    suffix = next((one for one in _FORM_SUFFIXES if short and title.endswith(one)), "")
    return title.removesuffix(suffix)


def _area_name(facts: Facts, area_id: str) -> str:
    there = facts.areas.get(area_id)
    return shown.short_area(there["area_name"], facts.city["area_name"]) if there else area_id


def _unit_name(facts: Facts, unit_id: str | None) -> str:
    there = facts.units.get(unit_id or "")
    return shown.short_area(there["reporting_unit_name"], facts.city["area_name"]) if there else unit_id or ""


def _overview(facts: Facts) -> dict[str, Any]:
    eleven = [_planned(target, facts) for target in facts.eleven]
    ranked = [one for one in facts.indicators.values() if one.row["plan_row"] is not None and one.ranked is not None]
    owed = [row for row in facts.statuses if row["is_owed"] and row["month"] == facts.release["month"]]
    return {
        "eleven": eleven,
        "verdicts": Counter(target["class"] for target in facts.eleven),
        "contested": sum(bool(target["is_verdict_contested"]) for target in facts.eleven),
        "ranked": ranked,
        # The one that moves every month is what a reader of a monthly release looks for.
        "first_shown": next((one.indicator_id for one in ranked if "month" in one.series), None),
        "owed": len(owed),
        "reported": sum(row["state"] in ("accepted", "open") for row in owed),
        "open_warnings": sum(row["must_explain"] and row["state"] == "open" for row in facts.findings),
        "open_conflicts": sum(row["category"] == "contradiction" and row["state"] != "ruled" for row in facts.conflicts),
        "matrix_told": _matrix(facts, facts.release["month"]),
    }


def _planned(target: Row, facts: Facts) -> dict[str, Any]:
    """A target with what its line and its chart need."""
    indicator = facts.indicators.get(target["measured_indicator_id"])
    decimals = 2 if target["target_window"] == "multiple" or indicator is None else indicator.decimals
    return {
        "row": target,
        "decimals": decimals,
        "indicator": indicator,
        "bar": _bar(target),
        "chart": _path_chart(target, indicator, decimals),
    }


def _bar(target: Row) -> dict[str, float] | None:
    """How far the way from baseline to target has been gone, in percent: `done`, and `due` where a path says so."""
    baseline, latest, goal = target["baseline_value"], target["latest_value"], target["target_value"]
    if target["path_kind"] == "rate":
        baseline = Decimal(0)
    if None in (baseline, latest, goal) or goal == baseline or target["target_window"] not in ("level", "annual_rate"):
        return None
    due = {"compound": target["compound_path_value"], "linear": target["linear_path_value"]}.get(target["path_kind"])

    def way(value: Decimal) -> float:
        return round(float((value - baseline) / (goal - baseline) * 100), 1)

    return {"done": way(latest), "due": None if due is None else way(due)}


def _path_chart(target: Row, indicator: Indicator | None, decimals: int) -> dict[str, Any] | None:
    """Paths and actual values over the years: of a year, or of its end, at the year; of the end of a month, so much before it."""
    baselines = [("目标路径", target["baseline_value"])]
    if target["alternative_baseline_value"] is not None:
        baselines.append(("另一基期的路径", target["alternative_baseline_value"]))
    paths = [
        {
            "name": f"{name}（基期 {shown.number(baseline, decimals)}）" if len(baselines) > 1 else name,
            "points": [[year, round(float(value), decimals + 1)] for year, value in values],
        }
        for name, baseline in baselines
        if (values := path_values(target, baseline))
    ]
    if not paths or indicator is None:
        return None
    actual = []
    if target["baseline_value"] is not None and target["path_kind"] != "rate":
        year = target["baseline_year"]
        actual.append({"x": year, "y": float(target["baseline_value"]), "label": f"{year}年"})
    whole_years = indicator.series["year"].city if "year" in indicator.series else {}
    for window in ("year", "point", "ytd"):
        series = indicator.series.get(window)
        periods = [] if series is None else list(series.city)
        if window == "ytd" or indicator.row["measure"] == "year_stock":
            # The year so far is a floor of the year's figure: of each year only its newest says anything.
            newest = {one[:4]: one for one in sorted(periods)}
            periods = [one for year, one in newest.items() if year not in whole_years]
        for one in periods:
            row = series.city[one]
            if row["value"] is not None:
                year, _, month = one.partition("-")
                is_level = window == "point" and indicator.row["measure"] != "year_stock"
                place = int(year) + (int(month) - 12) / 12 if is_level and month else int(year)
                label = shown.period(one, window)
                actual.append({"x": round(place, 3), "y": float(row["value"]), "label": label, "status": row["obs_status"]})
    return {
        "kind": "path",
        "at_end": "point" in indicator.series,
        "unit": target["unit"],
        "decimals": decimals,
        "paths": paths,
        "actual": sorted(actual, key=lambda point: point["x"]),
        "goal": [target["target_year"], float(target["target_value"])],
    }


def _series_chart(series: Series, decimals: int, unit: str) -> dict[str, Any]:
    points = []
    for period_id, row in sorted(series.city.items()):
        low, high = row["value_low"], row["value_high"]
        value = None if row["value"] is None else float(shown.number(row["value"], decimals).replace(",", ""))
        point = {"x": period_id, "y": value, "status": row["obs_status"]}
        if value is None and low is not None and high is not None:
            point |= {"low": float(low), "high": float(high)}
        points.append(point)
    return {"kind": "series", "window": series.window, "unit": unit, "decimals": decimals, "points": points}


def _indicator_groups(facts: Facts) -> dict[str, list[Indicator]]:
    groups: dict[str, list[Indicator]] = {"规划指标表": []}
    for one in facts.indicators.values():
        title = "规划指标表" if one.row["plan_row"] is not None else form_title(one.row["source_form"])
        groups.setdefault(title, []).append(one)
    return {title: ones for title, ones in groups.items() if ones}


def _indicator(one: Indicator, facts: Facts) -> dict[str, Any]:
    unit = one.row["unit"]
    variants = [
        other.row["indicator_label"]
        for other in facts.indicators.values()
        if other.row["variant_of"] == one.indicator_id or other.indicator_id == one.row["variant_of"]
    ]
    planned = [_planned(target, facts) for target in one.targets]
    drawn = []
    for each in planned:  # several documents may set the same target: one picture of it is enough
        if each["chart"] in drawn:
            each["chart"] = None
        drawn.append(each["chart"])
    return {
        "charts": {window: _series_chart(series, one.decimals, unit) for window, series in one.series.items() if series.city},
        "planned": planned,
        "variants": variants,
    }


def counties(facts: Facts, one: Indicator) -> dict[str, Any] | None:
    """The ranking and the heatmaps of an indicator's areas; None where no area reports it.

    Returns:
        `groups`: counties and zones, each a list of area ids in order of rank; `series` and `period`: what they are ranked by;
        `widest`: the largest value, for bars; `heatmaps`: of each window its periods and cells.
    """
    if one.ranked is None:
        return None
    series, period_id = one.ranked

    def place(area_id: str) -> tuple[object, ...]:
        row = series.areas[area_id].get(period_id)
        return (row is None or row["area_rank"] is None, row["area_rank"] if row else 0, area_id)

    kinds = {"county": "县市区", "zone": "功能区"}
    groups = {
        title: sorted((area_id for area_id in series.areas if facts.areas[area_id]["area_kind"] == kind), key=place)
        for kind, title in kinds.items()
    }
    values = [rows[period_id]["value"] for rows in series.areas.values() if period_id in rows and rows[period_id]["value"]]
    return {
        "series": series,
        "period": period_id,
        "groups": {title: ids for title, ids in groups.items() if ids},
        "widest": max(values, default=None),
        "heatmaps": {window: _heatmap(each, one.decimals) for window, each in one.series.items() if each.areas},
    }


def _heatmap(series: Series, decimals: int) -> dict[str, Any]:
    """Periods, and of each area its cells as (class, text); the shades hold equal numbers of cells."""
    periods = sorted({period for rows in series.areas.values() for period in rows})[-LONGEST_HEATMAP:]
    seen = {row["value"] for rows in series.areas.values() for period in periods if (row := rows.get(period))} - {None}
    shade = {value: f"s{1 + place * SHADES // len(seen)}" for place, value in enumerate(sorted(seen))}

    def look(row: Row | None) -> str:
        if row is None:
            return "none"
        return "missing" if row["obs_status"] == "M" else shade.get(row["value"], "s0")

    cells = {
        area_id: [(look(rows.get(period)), cell(rows.get(period), decimals)) for period in periods]
        for area_id, rows in series.areas.items()
    }
    return {"periods": periods, "cells": cells}


def _matrix(facts: Facts, month: str) -> dict[str, Any]:
    """Reporting units by forms in one month: who has sent what."""
    rows = [row for row in facts.statuses if row["month"] == month]
    forms = [one for one in load_forms() if any(row["form"] == one for row in rows)]
    there = {row["reporting_unit_id"] for row in rows}
    kinds = ("county", "zone", "department")
    units = [one for kind in kinds for one, unit in facts.units.items() if unit["unit_kind"] == kind and one in there]
    return {
        "month": month,
        "forms": forms,
        "units": units,
        "cells": {(row["reporting_unit_id"], row["form"]): row for row in rows},
    }


def _quality(facts: Facts) -> dict[str, Any]:
    months = sorted({row["month"] for row in facts.statuses})
    rates: dict[str, dict[str, dict[str, int]]] = {}
    for row in facts.statuses:
        if not row["is_owed"]:
            continue
        cell = rates.setdefault(row["form"], {}).setdefault(row["month"], {"owed": 0, "in": 0, "timed": 0, "late": 0})
        cell["owed"] += 1
        cell["in"] += row["state"] in ("accepted", "open")
        cell["timed"] += row["is_late"] is not None
        cell["late"] += bool(row["is_late"])
    findings = facts.findings[:MOST_FINDINGS]
    return {
        "months": months,
        "rates": {form: rates[form] for form in load_forms() if form in rates},
        "matrices": [_matrix(facts, month) for month in reversed(months)],
        "findings": findings,
        "left_out": len(facts.findings) - len(findings),
        "severities": Counter(row["severity"] for row in facts.findings),
        "by_form": Counter((row["form"], row["severity"]) for row in facts.findings),
        "finding_forms": sorted({row["form"] for row in findings if row["form"]}),
        "finding_units": sorted({row["reporting_unit_id"] for row in findings if row["reporting_unit_id"]}),
    }


def _conflicts(facts: Facts) -> dict[str, Any]:
    return {
        "contradictions": [row for row in facts.conflicts if row["category"] == "contradiction"],
        "remarks": [row for row in facts.conflicts if row["category"] != "contradiction"],
        "range_of": range_of,
    }


def range_of(member: Row) -> str:
    """The range that a printed figure stands for, in words."""
    low, high, unit = member["lower"], member["upper"], member["unit"]
    if low is not None and low == high:
        return f"恰为 {shown.plain(low)} {unit}"
    parts = []
    if low is not None:
        parts.append(("不小于 " if member["lower_closed"] else "大于 ") + shown.plain(low))
    if high is not None:
        parts.append(("不大于 " if member["upper_closed"] else "小于 ") + shown.plain(high))
    return f"{'、'.join(parts)} {unit}" if parts else "没有限定"


def _releases(facts: Facts, tables: Mapping[str, Table], earlier: Sequence[Release]) -> dict[str, Any]:
    """Each release, newest first, with the tables that differ from the release before it."""
    own = {
        "release_id": facts.release["release_id"],
        "built_at": f"{facts.release['built_at']:%Y-%m-%d %H:%M}",
        "tables": tables,
    }
    past = [
        {"release_id": one.release_id, "built_at": one.built_at[:16].replace("T", " "), "tables": one.tables} for one in earlier
    ]
    told, before = [], None
    for one in [*past, own]:
        told.append(one | {"changed": None if before is None else _changed_tables(before["tables"], one["tables"])})
        before = one
    changes: dict[str, list[Row]] = {}
    for row in facts.changes:
        changes.setdefault(row["release_id"], []).append(row)
    return {"releases": told[::-1], "changes": changes}


def _changed_tables(before: Mapping[str, Table], after: Mapping[str, Table]) -> list[tuple[str, int | None, int | None]]:
    names = sorted({*before, *after})
    return [
        (name, before[name].rows if name in before else None, after[name].rows if name in after else None)
        for name in names
        if name != "release" and (name not in before or name not in after or before[name].digest != after[name].digest)
    ]


def _downloads(folder: Path, facts: Facts, tables: Mapping[str, Table]) -> dict[str, Any]:
    top = {path.name: path.stat().st_size for path in sorted(folder.iterdir()) if path.is_file() and path.name != INDEX}
    parquet = {path.stem: path.stat().st_size for path in sorted((folder / "parquet").glob("*.parquet"))}
    return {"top": top, "parquet": parquet, "tables": tables}


def series_csv(one: Indicator, facts: Facts) -> bytes:
    """All observations of an indicator for the city and as the areas report it: one row an observation, as in the marts."""
    heads = ["指标编号", "指标", "地区编号", "地区", "时期", "时期口径", "数值", "下限", "上限", "计量单位", "状态", "是否练习"]
    label, unit, practice = one.row["indicator_label"], one.row["unit"], "是" if facts.release["is_practice"] else "否"
    rows = []
    for window, series in one.series.items():
        for area_id, observations in ((facts.city["area_id"], series.city), *series.areas.items()):
            area = facts.areas.get(area_id, {}).get("area_name", area_id)
            for period_id, row in observations.items():
                about = (one.indicator_id, label, area_id, area, period_id, shown.WINDOW_LABELS[window])
                values = (row["value"], row["value_low"], row["value_high"])
                rows.append((*about, *values, unit, shown.STATUS_LABELS[row["obs_status"]], practice))
    return shown.csv_text(heads, rows)
