"""Planted errors are found: every kind, at the right cell, by the right rule; and clean submissions are left in peace."""

import hashlib
from collections import Counter
from datetime import date
from functools import cache
from io import BytesIO
from random import Random

import openpyxl
import planting
import polars as pl
import pytest
from inprocess import TERMS, InProcess, quiet
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
from pipelines.validate.submissions import validate_month

MONTH, MONTHS = "2022-10", [f"2022-{month:02d}" for month in range(1, 11)]
ROWS_OF = {
    contracts.FORM: lambda city, month: contracts.contract_rows(city, month, 1.0),
    certificates.FORM: certificates.certificate_rows,
    events.FORM: lambda city, month: events.event_rows(city, month, 1.0),
}
TOTAL_OF = {contracts.FORM: "contract_value", events.FORM: "attendance"}
CITY = City.from_seeds(Settings().seeds, 2022)
# What the practice city itself gives rise to in its last month: its attendances are drawn at random, and two counties' are far
# from their usual ones.
OF_CLEAN = {"PS11": 2}
ROUNDS = 21  # of 54 submissions, of which some stay clean as neighbours


@cache
def clean_rows(form: str, month: str) -> dict[str, list[dict]]:
    return ROWS_OF[form](CITY, month)


@cache
def history(form: str) -> pl.DataFrame:
    """The accepted rows of the months before, as landed."""
    schema = landing_schema(TERMS.forms[form])
    own = {"revision": 1, "file_sha256": "0" * 64, "sheet": "表", "is_practice": True}
    rows = [
        {"submission_id": f"{form}/{unit}/{month}/r1", "reporting_unit_id": unit, "month": month, "row_number": number}
        | own
        | row
        for month in MONTHS[:-1]
        for unit, of_unit in clean_rows(form, month).items()
        for number, row in enumerate(of_unit, FIRST_INPUT_ROW)
    ]
    return pl.DataFrame(rows, schema=schema)


def workbook(form: Form, unit: str, planted: planting.Planted) -> bytes:
    content = render_template(
        form, TERMS.units[unit], MONTH, rows=planted.rows, is_practice=True, prepared_on=date(2022, 11, 5), codes=TERMS.code_lists
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


def verdicts(form: Form, files: dict[str, bytes], folder) -> dict[str, tuple[str, list]]:
    """State and findings by unit, of files as they would come in one load on top of the clean months before."""
    reader, received = InProcess(), []
    archive = Archive(folder)
    for sequence, (unit, content) in enumerate(files.items(), 1):
        path = archive.path(hashlib.sha256(content).hexdigest())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        name = f"{form.title}_{unit}_{MONTH}_练习.xlsx"
        [(_, outcome)] = reader.examine([ArchivedFile(path, len(content), (name,))])
        identity = identity_of(outcome, name, "2022-11-05", TERMS)
        assert identity.problem is None, identity
        received.append(Received(path.name, sequence, "2022-11-05T08:00:00+08:00", len(content), name, identity))
    verdict = validate_month(form, MONTH, received, archive, reader, quiet, locked={})
    assert not verdict.unverified
    accepted = [
        Accepted(
            each.submission_id,
            str(each.received.identity.reporting_unit_id),
            MONTH,
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
    rows = pl.concat([history(form.form), verdict.rows])
    later = judge_history(form, rows, accepted, TERMS.units, TERMS.code_lists, {})
    found = {str(each.received.identity.reporting_unit_id): (each.state, list(each.findings)) for each in verdict.submissions}
    for finding in later:
        assert not finding.is_unverified, finding
        found[finding.reporting_unit_id][1].append(finding)
    return found


def dealt(form: str, place: int) -> planting.Kind:
    """The kinds of a form as from one shuffled deck after the other, so that all come equally often."""
    kinds = [kind for kind in planting.KINDS if kind.form == form]
    deck, card = divmod(place, len(kinds))
    Random(f"deck {deck} of {form}").shuffle(kinds)
    return kinds[card]


def plans(form: str, number: int):
    """By unit, what is planted in it in a round (None: it stays clean)."""
    chance = Random(f"{form} {number}")
    units = list(clean_rows(form, MONTH))
    chance.shuffle(units)
    neighbours: set[str] = set()
    planned: dict[str, tuple[planting.Kind, planting.Planted] | None] = {}
    for place, unit in enumerate(units):
        if unit in neighbours:
            planned[unit] = None
            continue
        chosen = dealt(form, number * len(units) + place)
        rows = [dict(row) for row in clean_rows(form, MONTH)[unit]]
        others = [each for each in units[place + 1 :] if each not in neighbours and TERMS.units[each].unit_kind == "county"]
        if chosen.needs_neighbour and (TERMS.units[unit].unit_kind != "county" or not others):
            planned[unit] = None
            continue
        neighbour = others[0] if others else unit
        totals = (
            [sum(row[TOTAL_OF[form]] for row in clean_rows(form, month)[unit]) for month in MONTHS[:-1]]
            if form in TOTAL_OF
            else []
        )
        world = planting.World(clean_rows(form, MONTHS[-2])[unit], totals, clean_rows(form, MONTH)[neighbour])
        planted = chosen.plant(chance, rows, world)
        planned[unit] = None if planted is None else (chosen, planted)
        if planted is not None and chosen.needs_neighbour:
            neighbours.add(neighbour)
    return planned


@pytest.mark.parametrize("number", range(ROUNDS))
@pytest.mark.parametrize("form", list(ROWS_OF))
def test_every_planted_error_is_found_at_its_cell(form, number, tmp_path):
    specification = TERMS.forms[form]
    letters = {field.name: xl_col_to_name(place) for place, field in enumerate(specification.fields)}
    planned = plans(form, number)
    files = {
        unit: workbook(specification, unit, plan[1] if plan else planting.Planted(clean_rows(form, MONTH)[unit]))
        for unit, plan in planned.items()
    }
    found = verdicts(specification, files, tmp_path)
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
    assert not missed, missed


def test_every_kind_is_planted_often_enough():
    planned = [plan[0].name for form in ROWS_OF for number in range(ROUNDS) for plan in plans(form, number).values() if plan]
    times = Counter(planned)
    assert len(planned) >= 1_000 and len(planting.KINDS) >= 40
    assert {kind.name: times[kind.name] for kind in planting.KINDS if times[kind.name] < 8} == {}


@pytest.mark.parametrize("form", list(ROWS_OF))
def test_a_clean_month_is_left_in_peace(form, tmp_path):
    specification = TERMS.forms[form]
    rows = clean_rows(form, MONTH)
    found = verdicts(specification, {u: workbook(specification, u, planting.Planted(r)) for u, r in rows.items()}, tmp_path)
    warnings = Counter(f.rule_id for state, findings in found.values() for f in findings if f.severity != "info")
    assert {state for state, _ in found.values()} == {"accepted"}
    assert warnings == Counter({rule: count for rule, count in OF_CLEAN.items() if rule.startswith(_prefix(specification))})


def _prefix(form: Form) -> str:
    return form.rules[0].id[:2]
