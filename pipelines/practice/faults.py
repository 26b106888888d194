"""Faulty files put on purpose among the last practice month, each with a record of what should come of it.

Belongs here: what is spoilt, where, and the expected outcome. Does not belong here: clean files, or the checks that find these.

Every fault is re-sent rightly, is extra, or is in science events, so contract turnover and certificates are what was planned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from xlsxwriter.utility import xl_rowcol_to_cell

from pipelines.forms.model import FormField
from pipelines.forms.template import FIRST_INPUT_ROW, column_title
from pipelines.practice import certificates, contracts, events
from pipelines.practice.city import City, Row
from pipelines.practice.workbooks import CodeLists, PracticeFile, Report, as_csv, as_workbook, csv_bytes, file_name

RESENT = "_第2次.xlsx"
UNKNOWN_CODE, NO_NUMBER = "技术合作", "面议"
UNKNOWN_TITLE = "特色产业统计表"


@dataclass(frozen=True, kw_only=True)
class PlantedCell:
    """A cell at fault, as `C6` in a sheet; `column` is its title."""

    sheet: str
    cell: str
    field: str
    column: str
    value: str
    what: str


@dataclass(frozen=True, kw_only=True)
class Planted:
    """One planted fault.

    Attributes:
        state: what becomes of the file: `returned`, `unidentified`, or `skipped` (left alone, no submission).
        in_force: revision of the unit's report that counts afterwards; None when the month is missing.
    """

    fault: str
    file: str
    form: str | None
    reporting_unit_id: str
    month: str
    revision: int | None
    state: str
    in_force: int | None
    in_force_file: str | None
    note: str
    cells: tuple[PlantedCell, ...] = ()

    def as_record(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Sent:
    """What a unit sends for one report: files in the order of their names, and what is wrong with them."""

    files: tuple[PracticeFile, ...]
    planted: tuple[Planted, ...]


Spoil = Callable[[Report, CodeLists], Sent]


def faults_for(city: City) -> dict[tuple[str, str], Spoil]:
    """Which (form, unit) of the last month is spoilt how; the counties take one fault each, in the order of the seeds."""
    counties = [unit.reporting_unit_id for unit in city.units if unit.unit_kind == "county"]
    plan: Sequence[tuple[str, Spoil]] = (
        (contracts.FORM, lock_file),
        (contracts.FORM, wrong_cells_then_right),
        (events.FORM, duplicate_keys),
        (certificates.FORM, truncated_second),
        (contracts.FORM, unknown_form_beside),
        (events.FORM, column_missing),
    )
    # Every other county, so that no unit has two faults and the neighbours stay clean.
    return {(form, counties[2 * place % len(counties)]): spoil for place, (form, spoil) in enumerate(plan)}


def is_missing(planted: Planted) -> bool:
    """Whether the unit's month is missing because of the fault."""
    return planted.form is not None and planted.in_force is None


def wrong_cells_then_right(report: Report, codes: CodeLists) -> Sent:
    """A code that is in no list and words instead of an amount; the right workbook comes five days later."""
    first_day = report.prepared_on.replace(day=4)
    place = min(2, len(report.rows) - 1)
    spoilt: list[Row] = [dict(row) for row in report.rows]
    spoilt[place] |= {"contract_type": UNKNOWN_CODE, "contract_value": NO_NUMBER}
    wrong = as_workbook(replace(report, rows=spoilt, prepared_on=first_day), codes)
    right = as_workbook(replace(report, prepared_on=first_day.replace(day=9)), codes, RESENT)
    cells = (
        _cell(report, place, "contract_type", UNKNOWN_CODE, "code"),
        _cell(report, place, "contract_value", NO_NUMBER, "type"),
    )
    planted = _planted(
        report,
        "wrong_cells",
        wrong,
        "returned",
        revision=1,
        in_force=2,
        in_force_file=right.name,
        cells=cells,
        note="类别不在代码表内、成交额填了文字；第 2 次报送更正",
    )
    return Sent((wrong, right), (planted,))


def duplicate_keys(report: Report, codes: CodeLists) -> Sent:
    """The first combination of activity type and channel once more at the end, with other counts; nobody corrects it."""
    again = dict(report.rows[0]) | {"event_count": 3, "attendance": 210}
    file = as_workbook(replace(report, rows=[*report.rows, again]), codes)
    labels = {field: _label(report.form.by_name[field], str(again[field]), codes) for field in report.form.grain}
    cells = tuple(
        _cell(report, place, field, labels[field], "duplicate_key")
        for place in (0, len(report.rows))
        for field in report.form.grain
    )
    planted = _planted(
        report, "duplicate_keys", file, "returned", revision=1, cells=cells, note="同一活动类别和方式填了两行，未更正"
    )
    return Sent((file,), (planted,))


def truncated_second(report: Report, codes: CodeLists) -> Sent:
    """A good roster, and a second sending of it that broke off on the way."""
    good = as_workbook(report, codes)
    broken = PracticeFile(file_name(report, RESENT), good.content[: len(good.content) * 2 // 5])
    planted = _planted(
        report,
        "truncated",
        broken,
        "returned",
        revision=2,
        in_force=1,
        in_force_file=good.name,
        note="文件只传了一部分，打不开；第 1 次报送仍有效",
    )
    return Sent((good, broken), (planted,))


def unknown_form_beside(report: Report, codes: CodeLists) -> Sent:
    """A table of no form we know, beside the good report."""
    good = as_workbook(report, codes)
    lines = [["产业名称", "企业户数", "产值（万元）"], ["练习产业甲", "12", "3450"], ["练习产业乙", "7", "1280"]]
    other = PracticeFile(file_name(report, ".csv", title=UNKNOWN_TITLE), csv_bytes(lines, "utf-8-sig"))
    planted = _planted(report, "unknown_form", other, "unidentified", note="不是已知报表；无法识别，不影响其他报送")
    return Sent((good, other), (replace(planted, form=None),))


def column_missing(report: Report, codes: CodeLists) -> Sent:
    """A CSV without the column of attendances; nobody corrects it."""
    left_out = report.form.by_name["attendance"]
    file = as_csv(report, codes, "gb18030", without=left_out.name)
    cell = PlantedCell(sheet="", cell="", field=left_out.name, column=left_out.label, value="", what="column_missing")
    planted = _planted(
        report, "column_missing", file, "returned", revision=1, cells=(cell,), note=f"缺少“{left_out.label}”列，未更正"
    )
    return Sent((file,), (planted,))


def lock_file(report: Report, codes: CodeLists) -> Sent:
    """The small file Office leaves beside a workbook that somebody has open."""
    good = as_workbook(report, codes)
    folder, name = good.name.split("/")
    user = "lianxi"
    length = bytes([len(user)])
    content = length + user.ljust(54).encode("ascii") + length + b"\x00" + user.ljust(54).encode("utf-16-le")
    lock = PracticeFile(f"{folder}/~${name}", content)
    planted = _planted(report, "lock_file", lock, "skipped", in_force=1, in_force_file=good.name, note="Office 锁定文件，不读")
    return Sent((good, lock), (planted,))


def _planted(
    report: Report,
    fault: str,
    file: PracticeFile,
    state: str,
    *,
    note: str,
    revision: int | None = None,
    in_force: int | None = None,
    in_force_file: str | None = None,
    cells: tuple[PlantedCell, ...] = (),
) -> Planted:
    return Planted(
        fault=fault,
        file=file.name,
        form=report.form.form,
        reporting_unit_id=report.unit.reporting_unit_id,
        month=report.month,
        revision=revision,
        state=state,
        in_force=in_force,
        in_force_file=in_force_file,
        note=note,
        cells=cells,
    )


def _cell(report: Report, place: int, field_name: str, value: str, what: str) -> PlantedCell:
    """The cell of a field in the row at `place` (0-based among the input rows) of the report's workbook."""
    field = report.form.by_name[field_name]
    version = report.form.version_for(report.month)
    address = xl_rowcol_to_cell(FIRST_INPUT_ROW - 1 + place, report.form.fields.index(field))
    return PlantedCell(
        sheet=version.sheet if version else "", cell=address, field=field.name, column=column_title(field), value=value, what=what
    )


def _label(field: FormField, code: str, codes: Mapping[str, Mapping[str, str]]) -> str:
    return next(label for label, other in codes[field.codes or ""].items() if other == code)
