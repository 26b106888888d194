"""2,000 tables of the template through a random office: what was put in is read back, or a finding says what is not.

`python tests/unit/office.py --seed 17` shows one case with its sheet.
"""

from collections import Counter

import pytest
from inprocess import TERMS
from office import HABITS, KINDS, MONTH, SPOILERS, draw_rows, drawn_forms, make_case, office, show, verdict

from pipelines.collect.containers import open_container
from pipelines.collect.table import read_table
from pipelines.forms.template import FIRST_INPUT_ROW, HEADER_ROW, column_title, render_template

CASES, SHARDS = 2000, 40
SHOWN = 3  # cases of a shard that are shown whole when they fail


@pytest.fixture(scope="module")
def seen() -> Counter:
    """What the shards that ran did and what came of it."""
    return Counter()


@pytest.mark.parametrize("shard", range(SHARDS))
def test_what_an_office_makes_of_a_table_reads_back_to_its_rows_or_is_found(shard, seen):
    failed = []
    for seed in range(shard, CASES, SHARDS):
        case = make_case(seed)
        told = verdict(case)
        seen.update({*case.of.habits, case.of.spoiler, case.of.kind})
        seen["spoilt" if case.of.spoilt else "harmless", told.outcome] += 1
        if told.faults:
            failed.append(seed)
    assert not failed, f"seeds {failed}\n\n" + "\n\n".join(show(seed) for seed in failed[:SHOWN])


def test_every_habit_spoiler_and_container_was_among_the_cases(seen):
    if sum(count for key, count in seen.items() if isinstance(key, tuple)) < CASES:
        pytest.skip("only some shards were run")
    functions = [each for stage in HABITS.values() for _, each in stage] + [each for stage in SPOILERS.values() for each in stage]
    assert {each.__name__ for each in functions} | KINDS.keys() <= seen.keys()
    harmless = {
        outcome: count
        for (what, outcome), count in (key_count for key_count in seen.items() if isinstance(key_count[0], tuple))
        if what == "harmless"
    }
    assert harmless["exact"] > 0.75 * CASES and harmless.keys() <= {"exact", "ambiguous"}
    assert harmless.get("ambiguous", 0) < 0.02 * CASES


@pytest.mark.parametrize("form_id", drawn_forms())
def test_an_office_begins_with_the_lay_out_of_the_template(form_id, monkeypatch):
    form = TERMS.forms[form_id]
    monkeypatch.setattr("office.HABITS", {})
    monkeypatch.setattr("office.SPOILERS", {"body": [lambda of: False]})
    case = next(made for seed in range(500) if (made := make_case(seed)).of.form.form == form_id and made.of.kind == "xlsx")
    unit = TERMS.units["411302"]
    written = render_template(form, unit, MONTH, rows=case.of.rows, codes=TERMS.code_lists)
    ours, theirs = (open_container(content).sheets[0] for content in (case.content, written))
    assert ours.rows[HEADER_ROW - 1 :] == theirs.rows[HEADER_ROW - 1 :] and len(ours.rows) == len(theirs.rows)
    assert (ours.name, ours.rows[0], ours.merged) == (theirs.name, theirs.rows[0], theirs.merged)
    assert [line.kind for line in case.lines[: FIRST_INPUT_ROW - 1]] == ["title", "line", "header"]
    assert ours.rows[HEADER_ROW - 1] == [column_title(each) for each in form.fields]


@pytest.mark.parametrize("form_id", sorted(TERMS.forms))
@pytest.mark.parametrize("seed", range(4))
def test_the_template_itself_reads_back_to_the_rows_it_was_filled_with(form_id, seed):
    form = TERMS.forms[form_id]
    rows = draw_rows(office(seed).rng, form)
    content = render_template(form, TERMS.units["411302"], MONTH, rows=rows, codes=TERMS.code_lists)
    table = read_table(open_container(content), form, MONTH, TERMS.code_lists)
    assert [dict(zip(table.columns, values, strict=True)) for values in zip(*table.columns.values(), strict=True)] == rows
    assert [each.rule_id for each in table.problems] == []


def test_the_oracle_sees_a_row_a_value_and_a_place_that_are_wrong():
    """It is no use if it agrees to everything."""
    case = next(
        made for seed in range(100) if not (made := make_case(seed)).of.spoilt and len(made.of.rows) > 3 and not made.of.others
    )
    assert verdict(case).faults == []
    row = case.of.rows[1]
    name = next(name for name, value in row.items() if value is not None)
    row[name], kept = "another", row[name]
    assert any(name in fault for fault in verdict(case).faults)
    row[name] = kept
    case.of.columns.reverse()
    assert any("is read from" in fault for fault in verdict(case).faults)
    case.of.columns.reverse()
    case.lines.insert(0, case.lines[0])
    assert any("missing" in fault or "is no data" in fault for fault in verdict(case).faults)
