"""`wanstat practice`: writes the practice months of the made-up city, and beside them what must come out of them.

Belongs here: the order of generating, spoiling, writing and totalling. Does not belong here: the rows of a form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.files import write_whole
from pipelines.forms.identity import PRACTICE_MARK
from pipelines.forms.model import MONTH, Form, load_forms
from pipelines.forms.seeds import load_code_lists
from pipelines.practice import (
    association,
    certificates,
    commissioners,
    contracts,
    departments,
    events,
    facilities,
    industry,
    loans,
    projects,
    smes,
)
from pipelines.practice.city import City, Row, month_bounds
from pipelines.practice.counted import enterprises_valid_on
from pipelines.practice.expected import Expected, Found, by_period, month_figures
from pipelines.practice.faults import Planted, Sent, faults_for, is_missing
from pipelines.practice.shape import load_shape
from pipelines.practice.workbooks import CodeLists, PracticeFile, Report, as_csv, as_workbook
from pipelines.settings import Settings

RowsByUnit = Mapping[str, list[Row]]
Owes = Callable[[str, str, str], bool]  # whether a form is owed by a reporting unit for a month YYYY-MM
# Form -> its rows for a month: of any number, or as many as `city.yml` plans.
SCALED: Mapping[str, Callable[[City, str, float], RowsByUnit]] = {
    contracts.FORM: contracts.contract_rows,
    events.FORM: events.event_rows,
}
PLANNED: Mapping[str, Callable[[City, str], RowsByUnit]] = {
    certificates.FORM: certificates.certificate_rows,
    smes.FORM: smes.sme_rows,
    facilities.PLATFORMS: facilities.platform_rows,
    facilities.CARRIERS: facilities.carrier_rows,
    loans.FORM: loans.loan_rows,
    projects.FORM: projects.project_rows,
    association.FORM: association.work_rows,
    commissioners.FORM: commissioners.commissioner_rows,
    industry.FORM: industry.industry_rows,
    departments.FORM: departments.department_rows,
}
FORMS = (*SCALED, *PLANNED)
OF_EACH_UNIT = ("tech_smes", "innovation_platforms", "st_commissioners", "above_scale_rd_expenditure")
RECORD = "planted.json"
ENCODINGS = ("utf-8-sig", "gb18030")  # units take turns
PREPARED_DAYS = (3, 12)  # of the following month; monthly forms are due on the 10th, so some are late
README = f"""# 练习数据

本文件夹里的全部内容都是程序编造的练习数据（`wanstat practice` 生成），企业、合同、证书、平台、贷款、项目和活动均不存在，
不得当作真实统计引用。
只有总量的规模参照已公布的数字（见 `pipelines/practice/city.yml`）。

- 每个填报单位（县市区、功能区、市直部门）一个文件夹，只有当月应报的报表：月报每月，季报在季末月，年报在 10 月（报上年数）。
- 文件名带“{PRACTICE_MARK}”。最后一个月是 xlsx，以前各月是 CSV（一半 UTF-8，一半 GB18030）。
- 最后一个月故意放了几份有问题的文件；哪里有问题、应当怎样处理、汇总数应当是多少，见 `{RECORD}`。
- 不要手工修改；重新生成会覆盖。
"""


@dataclass(frozen=True)
class GeneratedSummary:
    """What was generated.

    Attributes:
        rows: rows by form, over all reports, before anything was spoilt.
        planted: the faulty files and what should become of them.
        overlaps: register keys that two units report (their parts joined by " / "): form, key, units, months.
        late: workbooks prepared after the due day.
        expected: indicator -> period -> window -> figure of the city, of accepted data with repeats removed, in the indicator's
            unit.
        expected_by_unit: the same of a few indicators by reporting unit, of what it reports itself.
        valid_on: enterprises of the last month's rosters with a certificate in force on a day (end of the year).
        submissions: number of files by the state they should get.
    """

    folder: Path
    months: tuple[str, ...]
    seed: int
    scale: float
    file_count: int
    byte_count: int
    rows: Mapping[str, int]
    planted: tuple[Planted, ...]
    overlaps: tuple[Mapping[str, object], ...]
    late: tuple[Mapping[str, object], ...]
    expected: Expected
    expected_by_unit: Mapping[str, Expected]
    valid_on: Mapping[str, int]
    submissions: Mapping[str, int]

    def as_record(self) -> dict[str, object]:
        """What `planted.json` holds; decimal values as text with six places. The same wherever it is generated."""
        return {
            "note": "练习数据，非真实填报",
            "is_practice": True,
            "months": list(self.months),
            "seed": self.seed,
            "scale": self.scale,
            "file_count": self.file_count,
            "rows": dict(self.rows),
            "submissions": dict(self.submissions),
            "expected": _as_record(self.expected),
            "expected_by_unit": {unit_id: _as_record(expected) for unit_id, expected in self.expected_by_unit.items()},
            "valid_on": dict(self.valid_on),
            "planted": [planted.as_record() for planted in self.planted],
            "overlaps": [dict(overlap) for overlap in self.overlaps],
            "late": [dict(late) for late in self.late],
        }


def _of_each(expected: Expected) -> Expected:
    return {indicator: expected[indicator] for indicator in OF_EACH_UNIT if indicator in expected}


def _as_record(expected: Expected) -> dict[str, dict[str, dict[str, str | int]]]:
    return {
        indicator: {
            period: {window: f"{figure:.6f}" if isinstance(figure, Decimal) else figure for window, figure in windows.items()}
            for period, windows in periods.items()
        }
        for indicator, periods in expected.items()
    }


def default_months() -> tuple[str, ...]:
    """The months generated unless others are asked for."""
    span = load_shape().months
    first, last = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (span.first, span.last))
    return tuple(f"{number // 12}-{number % 12 + 1:02d}" for number in range(first, last + 1))


def generate(
    target: Settings | Path,
    *,
    owes: Owes,
    months: Sequence[str] | None = None,
    seed: int = 2022,
    rows: float = 1.0,
    faulty: bool = True,
) -> GeneratedSummary:
    """Write practice submissions, `planted.json` and `README.md`; the same arguments give the same files.

    Practice files of an earlier run in the same folder are removed first.

    Args:
        target: a workspace (its `raw/practice` is written), or the folder to write to.
        owes: the calendar of reporting: nobody reports what is not due.
        months: YYYY-MM; the last becomes workbooks, the others CSV. A month has the same rows whichever others are asked for.
        rows: scale of the number of contracts and of the counts of events; contract turnover stays as planned.
        faulty: whether the last month gets its handful of faulty files.

    Raises:
        ValueError: a month is misspelt or before the first version of a form, or `rows` is not positive or too large.
        OSError: what the disk answered.
    """
    settings = target if isinstance(target, Settings) else Settings()
    folder = target.practice if isinstance(target, Settings) else target
    forms = {form_id: load_forms()[form_id] for form_id in FORMS}
    frequency = {form_id: form.frequency for form_id, form in forms.items()}
    asked = _checked_months(months or default_months(), forms.values())
    if rows <= 0:
        raise ValueError(f"rows must be above 0, not {rows:g}")
    city = City.from_seeds(settings.seeds, seed)
    codes = load_code_lists(settings.seeds)
    _remove_earlier(folder)

    planted: list[Planted] = []
    late: list[dict[str, object]] = []
    overlaps: dict[tuple[str, str], dict[str, Any]] = {}
    figures: dict[str, Found] = {}
    unit_figures: dict[str, dict[str, Found]] = {unit.reporting_unit_id: {} for unit in city.units}
    row_counts = dict.fromkeys(FORMS, 0)
    reported = written = file_bytes = 0
    for month in asked:  # one at a time, so that memory holds one month however many there are
        is_last = month == asked[-1]
        reports = _reports(city, forms, owes, month, rows)
        reported += len(reports)
        faults = faults_for(city) if faulty and is_last else {}
        found: list[Planted] = []
        for report in reports:
            row_counts[report.form.form] += len(report.rows)
            spoil = faults.get(report.key)
            sent = spoil(report, codes) if spoil else Sent((_plain_file(city, report, codes, is_last),), ())
            found += sent.planted
            for file in sent.files:
                _write(folder, file)
                written, file_bytes = written + 1, file_bytes + len(file.content)
        missing = {(one.form, one.reporting_unit_id) for one in found if is_missing(one)}
        accepted: dict[str, dict[str, Sequence[Row]]] = {}
        for report in reports:
            if report.key not in missing:
                accepted.setdefault(report.form.form, {})[report.unit.reporting_unit_id] = report.rows
        figures[month] = month_figures(month, accepted, frequency)
        for unit_id, by_month in unit_figures.items():
            own = {form_id: {unit_id: by_unit[unit_id]} for form_id, by_unit in accepted.items() if unit_id in by_unit}
            by_month[month] = month_figures(month, own, frequency)
        planted += found
        for (form_id, key), units in _repeated_keys(reports).items():
            blank = {"form": form_id, "key": key, "reporting_unit_ids": units, "months": []}
            overlaps.setdefault((form_id, key), blank)["months"].append(month)
        if is_last:
            late = _late(reports, {(one.form, one.reporting_unit_id) for one in found if one.revision == 1})
            year_end = date(int(month[:4]), 12, 31)
            rosters = accepted[certificates.FORM].values()
            valid_on = {year_end.isoformat(): enterprises_valid_on(year_end, [row for roster in rosters for row in roster])}

    states = [one.state for one in planted]
    missing_count = sum(is_missing(one) for one in planted)
    summary = GeneratedSummary(
        folder=folder,
        months=asked,
        seed=seed,
        scale=rows,
        file_count=written,
        byte_count=file_bytes,
        rows=row_counts,
        planted=tuple(planted),
        overlaps=tuple(overlaps.values()),
        late=tuple(late),
        expected=by_period(figures, frequency),
        expected_by_unit={unit_id: _of_each(by_period(found, frequency)) for unit_id, found in unit_figures.items()},
        valid_on=valid_on,
        submissions={"accepted": reported - missing_count}
        | {state: states.count(state) for state in ("returned", "unidentified", "skipped")},
    )
    write_whole(folder / RECORD, json.dumps(summary.as_record(), ensure_ascii=False, indent=1) + "\n")
    write_whole(folder / "README.md", README)
    return summary


def _checked_months(months: Iterable[str], forms: Iterable[Form]) -> tuple[str, ...]:
    asked = tuple(sorted(set(months)))
    if wrong := [month for month in asked if not re.fullmatch(MONTH, month)]:
        raise ValueError(f"not a month YYYY-MM: {', '.join(wrong)}")
    for form in forms:
        if form.version_for(asked[0]) is None:
            raise ValueError(f"{form.form}: no version in force in {asked[0]}")
    return asked


def _remove_earlier(folder: Path) -> None:
    """Remove practice files of an earlier run, so that none outlives a run with fewer months; other files stay."""
    if (folder / RECORD).exists():
        for path in folder.glob(f"*/*_{PRACTICE_MARK}*"):
            path.unlink()


def _reports(city: City, forms: Mapping[str, Form], owes: Owes, month: str, scale: float) -> list[Report]:
    """What is owed for the month."""
    rows = {form_id: rows_of(city, form_id, month, scale) for form_id in forms}
    return [
        Report(form, unit, month, rows[form_id][unit_id], _prepared_on(city, form_id, unit_id, month))
        for unit in (*city.units, *city.departments)
        for unit_id in [unit.reporting_unit_id]
        for form_id, form in forms.items()
        if owes(form_id, unit_id, month)
    ]


def rows_of(city: City, form_id: str, month: str, scale: float = 1.0) -> RowsByUnit:
    """The rows of a form by reporting unit, as they would be reported for the month if it were due."""
    return SCALED[form_id](city, month, scale) if form_id in SCALED else PLANNED[form_id](city, month)


def _prepared_on(city: City, form_id: str, unit_id: str, month: str) -> date:
    day = city.chance("prepared", form_id, unit_id, month).randint(*PREPARED_DAYS)
    return month_bounds(month)[1] + timedelta(days=day)


def _plain_file(city: City, report: Report, codes: CodeLists, is_last: bool) -> PracticeFile:
    if is_last:
        return as_workbook(report, codes)
    return as_csv(report, codes, ENCODINGS[city.number[report.unit.reporting_unit_id] % len(ENCODINGS)])


def _write(folder: Path, file: PracticeFile) -> None:
    write_whole(folder / file.name, file.content)


def _late(reports: Iterable[Report], set_apart: set[tuple[str | None, str]]) -> list[dict[str, object]]:
    """Workbooks prepared after the due day; `set_apart` are the reports whose first file is returned."""
    return [
        {
            "form": report.form.form,
            "reporting_unit_id": report.unit.reporting_unit_id,
            "month": report.month,
            "prepared_on": report.prepared_on.isoformat(),
            "days_late": report.prepared_on.day - report.form.due_day,
        }
        for report in reports
        if report.prepared_on.day > report.form.due_day and report.key not in set_apart
    ]


def _repeated_keys(reports: Iterable[Report]) -> dict[tuple[str, str], list[str]]:
    """(form, key) -> the units that report it, for the register keys that more than one unit of a month reports."""
    units: dict[tuple[str, str], list[str]] = {}
    for report in reports:
        if report.form.register_key:
            for row in report.rows:
                key = " / ".join(str(row[name]) for name in report.form.register_key)
                units.setdefault((report.form.form, key), []).append(report.unit.reporting_unit_id)
    return {key: by for key, by in units.items() if len(by) > 1}
