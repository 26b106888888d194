"""Planted errors are found: every kind, at the right cell, by the right rule; and clean submissions are left in peace."""

import hashlib
from collections import Counter
from datetime import date
from functools import cache
from io import BytesIO
from random import Random

import openpyxl
import plain
import planting
import polars as pl
import pytest
from inprocess import TERMS, InProcess, quiet
from planting_plain import KINDS  # of all twelve forms: it adds its own to those of `planting`
from xlsxwriter.utility import xl_col_to_name

from pipelines.collect.archive import Archive
from pipelines.collect.intake import Received, identity_of
from pipelines.collect.terms import ArchivedFile
from pipelines.forms.columns import landing_schema
from pipelines.forms.model import Form
from pipelines.forms.template import FIRST_INPUT_ROW, HEADER_ROW, render_template
from pipelines.practice import certificates, contracts, events
from pipelines.practice.city import City
from pipelines.settings import Settings
from pipelines.validate.history import Accepted, judge_history
from pipelines.validate.obligations import load_calendar
from pipelines.validate.submissions import validate_month

ROWS_OF = {
    contracts.FORM: lambda city, month: contracts.contract_rows(city, month, 1.0),
    certificates.FORM: certificates.certificate_rows,
    events.FORM: lambda city, month: events.event_rows(city, month, 1.0),
}
TOTAL_OF = {contracts.FORM: "contract_value", events.FORM: "attendance"}
CALENDAR = load_calendar(Settings().seeds)
CITY = City.from_seeds(Settings().seeds, 2022)
LAST = {"monthly": "2022-10", "quarterly": "2022-09", "annual": "2022-10"}
# What the practice city itself gives rise to in its last month: its attendances are drawn at random, and two counties' are far
# from their usual ones.
OF_CLEAN = {"PS11": 2}
TIMES = {form: 17 if form in ROWS_OF else 1 for form in TERMS.forms}  # how often each kind is planted
SHARDS = {form: 7 if form in ROWS_OF else 1 for form in TERMS.forms}


def last_month(form: str) -> str:
    return LAST[TERMS.forms[form].frequency]


def months_before(form: str, month: str) -> list[str]:
    if form in ROWS_OF:
        return [f"2022-{number:02d}" for number in range(1, int(month[5:]))]
    return plain.months_of(form, month)[:-1]


@cache
def clean_rows(form: str, month: str) -> dict[str, list[dict]]:
    return ROWS_OF[form](CITY, month) if form in ROWS_OF else plain.rows_of(form, month)


@cache
def history(form: str, now: str) -> pl.DataFrame:
    """The accepted rows of the periods before, as landed."""
    schema = landing_schema(TERMS.forms[form])
    own = {"revision": 1, "file_sha256": "0" * 64, "sheet": "表", "is_practice": True}
    rows = [
        {"submission_id": f"{form}/{unit}/{month}/r1", "reporting_unit_id": unit, "month": month, "row_number": number}
        | own
        | row
        for month in months_before(form, now)
        for unit, of_unit in clean_rows(form, month).items()
        for number, row in enumerate(of_unit, FIRST_INPUT_ROW)
    ]
    return pl.DataFrame(rows, schema=schema)


def workbook(form: Form, unit: str, month: str, planted: planting.Planted) -> bytes:
    content = render_template(
        form, TERMS.units[unit], month, rows=planted.rows, is_practice=True, prepared_on=date(2022, 11, 5), codes=TERMS.code_lists
    )
    if planted.without is None:
        return content
    book = openpyxl.load_workbook(BytesIO(content))
    sheet = book.worksheets[0]
    title = sheet.cell(HEADER_ROW, 1 + [field.name for field in form.fields].index(planted.without))
    for row in range(HEADER_ROW, sheet.max_row + 1):
        sheet.cell(row, title.column).value = None
    changed = BytesIO()
    book.save(changed)
    return changed.getvalue()


def verdicts(form: Form, month: str, files: dict[str, bytes], folder) -> dict[str, tuple[str, list]]:
    """State and findings by unit, of files as they would come in one load on top of the clean periods before."""
    reader, received = InProcess(), []
    archive = Archive(folder)
    for sequence, (unit, content) in enumerate(files.items(), 1):
        path = archive.path(hashlib.sha256(content).hexdigest())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        name = f"{form.title}_{unit}_{month}_练习.xlsx"
        [(_, outcome)] = reader.examine([ArchivedFile(path, len(content), (name,))])
        identity = identity_of(outcome, name, "2022-11-05", TERMS)
        assert identity.problem is None, identity
        received.append(Received(path.name, sequence, "2022-11-05T08:00:00+08:00", len(content), name, identity))
    verdict = validate_month(form, month, received, archive, reader, quiet, calendar=CALENDAR, locked={})
    assert not verdict.unverified
    accepted = [
        Accepted(
            each.submission_id,
            str(each.received.identity.reporting_unit_id),
            month,
            1,
            each.received.file_name,
            each.table.sheet,
            None,
            True,
            each.table.letters,
        )
        for each in verdict.submissions
        if each.state == "accepted"
    ]
    rows = pl.concat([history(form.form, month), verdict.rows])
    later = judge_history(form, rows, accepted, TERMS.units, TERMS.code_lists, {})
    found = {str(each.received.identity.reporting_unit_id): (each.state, list(each.findings)) for each in verdict.submissions}
    for finding in later:
        assert not finding.is_unverified, finding
        found[finding.reporting_unit_id][1].append(finding)
    return found


@cache
def rounds(form: str) -> list[tuple[str, dict[str, tuple[planting.Kind, planting.Planted] | None]]]:
    """The months with what is planted in them by unit (None: it stays clean), until every kind has been planted often enough."""
    chance = Random(form)
    made = []
    kinds = [kind for kind in KINDS if kind.form == form]
    for month in dict.fromkeys(kind.month or last_month(form) for kind in kinds):
        waiting = [kind for kind in kinds if (kind.month or last_month(form)) == month] * TIMES[form]
        chance.shuffle(waiting)
        while waiting:
            planned = planted_once(form, month, waiting, chance)
            assert any(planned.values()), f"nobody can have {waiting}"
            made.append((month, planned))
    return made


def planted_once(form: str, month: str, waiting: list[planting.Kind], chance: Random):
    """A round: to each unit the first kind that is waiting and can be planted in its rows, which then waits no more.

    No kind comes twice, since what several units report at once is the season's.
    """
    units = list(clean_rows(form, month))
    chance.shuffle(units)
    planned: dict[str, tuple[planting.Kind, planting.Planted] | None] = {}
    for unit in units:
        if unit in planned:
            continue
        planned[unit] = None
        kind_of_unit = TERMS.units[unit].unit_kind
        others = [each for each in units if each not in planned and TERMS.units[each].unit_kind == kind_of_unit != "zone"]
        taken = {plan[0].name for plan in planned.values() if plan}
        for kind in dict.fromkeys(waiting):
            if kind.name in taken or (kind.needs_neighbour and not others):
                continue
            rows = [dict(row) for row in clean_rows(form, month)[unit]]
            planted = kind.plant(chance, rows, world_of(form, month, unit, others))
            if planted is not None:
                planned[unit] = (kind, planted)
                waiting.remove(kind)
                if kind.needs_neighbour:
                    planned[others[0]] = None
                break
    return planned


def world_of(form: str, month: str, unit: str, others: list[str]) -> planting.World:
    before = [clean_rows(form, each)[unit] for each in months_before(form, month)]
    totals = [sum(row[TOTAL_OF[form]] for row in rows) for rows in before] if form in TOTAL_OF else []
    return planting.World(before[-1], totals, clean_rows(form, month)[others[0]] if others else [])


@pytest.mark.parametrize(("form", "shard"), [(form, shard) for form in TERMS.forms for shard in range(SHARDS[form])])
def test_every_planted_error_is_found_at_its_cell(form, shard, tmp_path):
    made = rounds(form)[shard :: SHARDS[form]]
    missed = [each for month, planned in made for each in missed_in(form, month, planned, tmp_path)]
    assert not missed, missed


def missed_in(form: str, month: str, planned, folder) -> list[tuple[object, ...]]:
    """What is not found in a round as it should be."""
    specification = TERMS.forms[form]
    letters = {field.name: xl_col_to_name(place) for place, field in enumerate(specification.fields)}
    files = {
        unit: workbook(specification, unit, month, plan[1] if plan else planting.Planted(clean_rows(form, month)[unit]))
        for unit, plan in planned.items()
    }
    found = verdicts(specification, month, files, folder)
    missed = []
    for unit, plan in planned.items():
        state, findings = found[unit]
        errors = {finding.rule_id for finding in findings if finding.severity == "error"}
        if plan is None:
            assert state == "accepted" and not errors, (unit, findings)
            continue
        kind, planted = plan
        of_rule = [finding for finding in findings if finding.rule_id == kind.rule]
        wanted = {f"{letters[name]}{FIRST_INPUT_ROW + place}" for place, name in planted.cells}
        at = {finding.cell for finding in of_rule} if wanted else {finding.subject for finding in of_rule}
        expected = wanted or ({planted.subject} if planted.subject else at)
        is_found = bool(of_rule) and expected <= at and (len(of_rule) == len(expected) or not wanted)
        if not is_found or errors - {kind.rule} or (state == "returned") != bool(errors):
            missed.append((kind.name, kind.rule, unit, sorted(expected), [(f.rule_id, f.cell, f.message) for f in findings][:6]))
    return missed


def test_every_rule_of_every_form_is_planted_and_most_kinds_often():
    planned = [plan[0] for form in ROWS_OF for _, units in rounds(form) for plan in units.values() if plan]
    assert len(planned) >= 1_000 and len(KINDS) >= 40
    # What is for information only is told of clean rows too: a zone and its county both report what lies in the zone.
    rules = {rule.id for form in TERMS.forms.values() for rule in form.rules if rule.severity != "info"}
    assert rules <= {kind.rule for kind in KINDS}


@pytest.mark.parametrize("form", list(TERMS.forms))
def test_a_clean_month_is_left_in_peace(form, tmp_path):
    specification, month = TERMS.forms[form], last_month(form)
    files = {unit: workbook(specification, unit, month, planting.Planted(rows)) for unit, rows in clean_rows(form, month).items()}
    found = verdicts(specification, month, files, tmp_path)
    warnings = Counter(f.rule_id for state, findings in found.values() for f in findings if f.severity != "info")
    assert {state for state, _ in found.values()} == {"accepted"}
    ids = {rule.id for rule in specification.rules}
    assert warnings == Counter({rule: count for rule, count in OF_CLEAN.items() if rule in ids})
