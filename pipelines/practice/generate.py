"""`wanstat practice`: writes the practice months of the made-up city, and beside them what must come out of them.

Belongs here: the order of generating, spoiling, writing and totalling. Does not belong here: the rows of a form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.files import write_whole
from pipelines.forms.identity import PRACTICE_MARK
from pipelines.forms.model import MONTH, Form, load_code_lists, load_forms
from pipelines.practice import certificates, contracts, events
from pipelines.practice.city import City, Row, load_shape, month_bounds
from pipelines.practice.expected import Figure, enterprises_valid_on, month_figures, with_year_to_date
from pipelines.practice.faults import Planted, Sent, faults_for, is_missing
from pipelines.practice.workbooks import CodeLists, PracticeFile, Report, as_csv, as_workbook
from pipelines.settings import Settings

FORMS = (contracts.FORM, certificates.FORM, events.FORM)
RECORD = "planted.json"
ENCODINGS = ("utf-8-sig", "gb18030")  # units take turns
PREPARED_DAYS = (3, 12)  # of the following month; the forms are due on the 10th, so some are late
README = f"""# 练习数据

本文件夹里的全部内容都是程序编造的练习数据（`wanstat practice` 生成），企业、合同、证书和活动均不存在，不得当作真实统计引用。
只有总量的规模参照已公布的数字（见 `pipelines/practice/city.yml`）。

- 每个填报单位一个文件夹；文件名带“{PRACTICE_MARK}”。最后一个月是 xlsx，以前各月是 CSV（一半 UTF-8，一半 GB18030）。
- 最后一个月故意放了几份有问题的文件；哪里有问题、应当怎样处理、汇总数应当是多少，见 `{RECORD}`。
- 不要手工修改；重新生成会覆盖。
"""


@dataclass(frozen=True)
class GeneratedSummary:
    """What was generated.

    Attributes:
        rows: rows by form, over all reports, before anything was spoilt.
        planted: the faulty files and what should become of them.
        overlaps: keys that two units report: form, key, units, months.
        late: workbooks prepared after the due day.
        expected: indicator -> month -> window -> figure, of accepted data with repeats removed; values in 亿元, counts whole.
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
    expected: Mapping[str, Mapping[str, Mapping[str, Figure]]]
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
            "expected": {
                indicator: {
                    month: {
                        window: f"{figure:.6f}" if isinstance(figure, Decimal) else figure for window, figure in windows.items()
                    }
                    for month, windows in by_month.items()
                }
                for indicator, by_month in self.expected.items()
            },
            "valid_on": dict(self.valid_on),
            "planted": [planted.as_record() for planted in self.planted],
            "overlaps": [dict(overlap) for overlap in self.overlaps],
            "late": [dict(late) for late in self.late],
        }


def default_months() -> tuple[str, ...]:
    """The months generated unless others are asked for."""
    span = load_shape().months
    first, last = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (span.first, span.last))
    return tuple(f"{number // 12}-{number % 12 + 1:02d}" for number in range(first, last + 1))


def generate(
    target: Settings | Path,
    *,
    months: Sequence[str] | None = None,
    seed: int = 2022,
    rows: float = 1.0,
    faulty: bool = True,
) -> GeneratedSummary:
    """Write practice submissions, `planted.json` and `README.md`; the same arguments give the same files.

    Practice files of an earlier run in the same folder are removed first.

    Args:
        target: a workspace (its `raw/practice` is written), or the folder to write to.
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
    asked = _checked_months(months or default_months(), forms.values())
    if rows <= 0:
        raise ValueError(f"rows must be above 0, not {rows:g}")
    city = City.from_seeds(settings.seeds, seed)
    codes = load_code_lists(settings.seeds)
    _remove_earlier(folder)

    planted: list[Planted] = []
    late: list[dict[str, object]] = []
    overlaps: dict[tuple[str, str], dict[str, Any]] = {}
    figures: dict[str, dict[str, Figure]] = {}
    row_counts = dict.fromkeys(FORMS, 0)
    written = file_bytes = 0
    for month in asked:  # one at a time, so that memory holds one month however many there are
        is_last = month == asked[-1]
        reports = _reports(city, forms, month, rows)
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
        accepted: dict[str, list[Row]] = {form_id: [] for form_id in FORMS}
        for report in reports:
            if report.key not in missing:
                accepted[report.form.form] += report.rows
        figures[month] = month_figures(month, accepted)
        planted += found
        for (form_id, key), units in _repeated_keys(reports).items():
            blank = {"form": form_id, "key": key, "reporting_unit_ids": units, "months": []}
            overlaps.setdefault((form_id, key), blank)["months"].append(month)
        if is_last:
            late = _late(reports, {(one.form, one.reporting_unit_id) for one in found if one.revision == 1})
            year_end = date(int(month[:4]), 12, 31)
            valid_on = {year_end.isoformat(): enterprises_valid_on(year_end, accepted[certificates.FORM])}

    reported = len(asked) * len(FORMS) * len(city.units)
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
        expected=with_year_to_date(asked, figures),
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


def _reports(city: City, forms: Mapping[str, Form], month: str, scale: float) -> list[Report]:
    rows: dict[str, dict[str, list[Row]]] = {
        contracts.FORM: contracts.contract_rows(city, month, scale),
        certificates.FORM: certificates.certificate_rows(city, month),
        events.FORM: events.event_rows(city, month, scale),
    }
    return [
        Report(
            form, unit, month, rows[form_id][unit.reporting_unit_id], _prepared_on(city, form_id, unit.reporting_unit_id, month)
        )
        for unit in city.units
        for form_id, form in forms.items()
    ]


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
    """(form, key) -> the units that report it, for the register forms' keys that more than one unit of a month reports."""
    units: dict[tuple[str, str], list[str]] = {}
    for report in reports:
        if len(report.form.grain) == 1:
            for row in report.rows:
                units.setdefault((report.form.form, str(row[report.form.grain[0]])), []).append(report.unit.reporting_unit_id)
    return {key: by for key, by in units.items() if len(by) > 1}
