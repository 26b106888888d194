"""Errors to plant one at a time in clean practice submissions: what each does to the rows, and what must be found of it.

A kind takes the rows as the unit would have reported them, changes one thing at a random place, and says which rule must find
it at which cells: field and place of the row, or the subject where the row is gone, or nothing where it is the whole table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from pipelines.practice import certificates, contracts, events
from pipelines.practice.city import Row, uscc

Rows = list[Row]


@dataclass
class World:
    """What surrounds a submission: the unit's clean rows of the period before, its totals (of contract value, or of attendance)
    in all months before, and the clean rows of another unit of its kind in the month itself.
    """

    before: Rows
    totals: list[Decimal]
    neighbour: Rows


@dataclass
class Planted:
    """The rows with one error in them.

    Attributes:
        cells: (place of the row, field) of each cell at which the rule must be found; the first is enough where several
            rows break it together.
        subject: of a row that is gone.
        without: a column to leave out.
    """

    rows: Rows
    cells: Sequence[tuple[int, str]] = ()
    subject: str | None = None
    without: str | None = None


@dataclass(frozen=True)
class Kind:
    """An error of one kind.

    Attributes:
        plant: what it does to the rows; None where it cannot be planted in them.
        needs_neighbour: whether another unit is part of it, which then stays clean.
        month: the only one it can be planted in; None for the last one.
    """

    name: str
    form: str
    rule: str
    plant: Callable[[Random, Rows, World], Planted | None]
    needs_neighbour: bool = False
    month: str | None = None


KINDS: list[Kind] = []


def kind(form: str, rule: str, *, needs_neighbour: bool = False):
    def register(plant):
        KINDS.append(Kind(plant.__name__, form, rule, plant, needs_neighbour))
        return plant

    return register


def changed(chance: Random, rows: Rows, **values) -> Planted:
    """One row with other values; the cell is that of the first of them."""
    place = chance.randrange(len(rows))
    return changed_at(place, rows, **values)


def changed_at(place: int, rows: Rows, **values) -> Planted:
    row = rows[place]
    made = {name: value(row) if callable(value) else value for name, value in values.items()}
    rows[place] = row | made
    return Planted(rows, [(place, next(iter(made)))])


def in_city(months: int, day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31 * months)).replace(day=15)


# Technical contracts


@kind(contracts.FORM, "value.required")
def name_left_out(chance, rows, world):
    return changed(chance, rows, contract_name=None)


@kind(contracts.FORM, "value.required")
def amount_left_out(chance, rows, world):
    return changed(chance, rows, contract_value=None)


@kind(contracts.FORM, "value.pattern")
def number_too_short(chance, rows, world):
    return changed(chance, rows, contract_no=lambda row: row["contract_no"][:15])


@kind(contracts.FORM, "value.pattern")
def number_with_letters(chance, rows, world):
    return changed(chance, rows, contract_no=lambda row: "豫" + row["contract_no"][1:])


@kind(contracts.FORM, "value.code")
def type_of_no_list(chance, rows, world):
    return changed(chance, rows, contract_type=chance.choice(["技术合作", "其他", "技术入股"]))


@kind(contracts.FORM, "value.code")
def field_of_no_list(chance, rows, world):
    return changed(chance, rows, technology_field="互联网")


@kind(contracts.FORM, "cell.number")
def words_for_an_amount(chance, rows, world):
    return changed(chance, rows, contract_value=chance.choice(["面议", "详见合同", "若干"]))


@kind(contracts.FORM, "value.range")
def negative_amount(chance, rows, world):
    return changed(chance, rows, technology_value=lambda row: -row["technology_value"])


@kind(contracts.FORM, "TC01")
def technology_above_contract(chance, rows, world):
    return changed(chance, rows, technology_value=lambda row: row["contract_value"] + Decimal("0.01") * chance.randint(1, 10**6))


@kind(contracts.FORM, "TC02")
def signed_after_registration(chance, rows, world):
    return changed(chance, rows, signed_on=lambda row: row["registered_on"] + timedelta(days=chance.randint(1, 300)))


@kind(contracts.FORM, "TC03")
def registered_after_the_month(chance, rows, world):
    return changed(chance, rows, registered_on=lambda row: in_city(chance.randint(1, 2), row["registered_on"]))


@kind(contracts.FORM, "TC04")
def registered_before_the_month(chance, rows, world):
    return changed(
        chance, rows, registered_on=lambda row: date(2022, 9, 30), signed_on=lambda row: min(row["signed_on"], date(2022, 9, 1))
    )


@kind(contracts.FORM, "TC05")
def number_of_another_year(chance, rows, world):
    return changed(chance, rows, contract_no=lambda row: "2021" + row["contract_no"][4:])


@kind(contracts.FORM, "TC06")
def amount_of_nothing(chance, rows, world):
    return changed(chance, rows, contract_value=Decimal(0), technology_value=Decimal(0))


@kind(contracts.FORM, "TC07")
def yuan_for_ten_thousand_yuan(chance, rows, world):
    place = max(range(len(rows)), key=lambda each: rows[each]["contract_value"])
    factor = 10_000
    return changed_at(
        place,
        rows,
        contract_value=rows[place]["contract_value"] * factor,
        technology_value=rows[place]["technology_value"] * factor,
    )


@kind(contracts.FORM, "TC08")
def sold_to_itself(chance, rows, world):
    planted = changed(chance, rows, buyer_name=lambda row: row["seller_name"])
    return Planted(planted.rows, [(planted.cells[0][0], "seller_name")])


@kind(contracts.FORM, "TC09")
def signed_years_ago(chance, rows, world):
    return changed(chance, rows, signed_on=lambda row: date(2018, 3, chance.randint(1, 28)))


@kind(contracts.FORM, "rows.duplicate")
def row_twice(chance, rows, world):
    rows.append(dict(chance.choice(rows)))
    return Planted(rows, [(len(rows) - 1, "contract_no")])


@kind(contracts.FORM, "value.division_unknown")
def division_of_nowhere(chance, rows, world):
    return changed(chance, rows, seller_division_code="411399")


@kind(contracts.FORM, "value.division_unknown")
def division_of_no_province(chance, rows, world):
    return changed(chance, rows, buyer_division_code="999999")


@kind(contracts.FORM, "TC15")
def sold_from_elsewhere(chance, rows, world):
    return changed(chance, rows, seller_division_code=chance.choice(["410102", "110108"]))


@kind(contracts.FORM, "TC14")
def small_contracts_in_yuan(chance, rows, world):
    """Contracts of a few 万元, as they are when nobody slips, written in 元: no single one is beyond what there is."""
    for place, row in enumerate(rows):
        amount = Decimal(chance.randint(30_000, 60_000)) * max(1, round(sorted(world.totals)[-1] / 20_000))
        amount = min(amount, Decimal(99_000))
        rows[place] = row | {"contract_value": amount, "technology_value": amount}
    return Planted(rows)


@kind(contracts.FORM, "cell.date")
def day_that_is_none(chance, rows, world):
    return changed(chance, rows, registered_on=chance.choice(["2022-10-32", "2022年10月35日", "十月中旬"]))


@kind(contracts.FORM, "value.length")
def name_too_long(chance, rows, world):
    return changed(chance, rows, contract_name="练习项目" * 60)


@kind(contracts.FORM, "TC21")
def reported_last_month_already(chance, rows, world):
    old = chance.choice(world.before)
    return changed(chance, rows, contract_no=old["contract_no"])


@kind(contracts.FORM, "TC22", needs_neighbour=True)
def reported_by_the_neighbour_too(chance, rows, world):
    return changed(chance, rows, contract_no=chance.choice(world.neighbour)["contract_no"])


@kind(contracts.FORM, "TC12")
def whole_table_in_yuan(chance, rows, world):
    median = sorted(world.totals)[len(world.totals) // 2]
    now = sum(row["contract_value"] for row in rows)
    factor = median * 10_000 / now  # the month itself may be a large or a small one
    for place, row in enumerate(rows):
        amount = (row["contract_value"] * factor).quantize(Decimal("0.01"))
        rows[place] = row | {"contract_value": amount, "technology_value": amount}
    return Planted(rows)


@kind(contracts.FORM, "TC13")
def many_contracts_at_once(chance, rows, world):
    more = [
        rows[each % len(rows)] | {"contract_no": f"{rows[0]['contract_no'][:10]}{900_000 + each}"}
        for each in range(60 + 7 * len(rows))
    ]
    return Planted([*rows, *more])


@kind(contracts.FORM, "TC11")
def total_far_off(chance, rows, world):
    for place, row in enumerate(rows):
        amount = row["contract_value"] * 100
        rows[place] = row | {"contract_value": amount, "technology_value": amount}
    return Planted(rows)


@kind(contracts.FORM, "table.column_missing")
def column_left_out(chance, rows, world):
    return Planted(rows, without="contract_value")


# High-tech enterprises


def other_letter(code: str, place: int) -> str:
    return code[:place] + ("8" if code[place] != "8" else "6") + code[place + 1 :]


@kind(certificates.FORM, "HT01")
def credit_code_mistyped(chance, rows, world):
    # A digit of the registrar: never the zero tail of a number cell.
    return changed(chance, rows, uscc=lambda row: other_letter(row["uscc"], chance.randrange(2, 8)))


@kind(certificates.FORM, "HT02")
def credit_code_through_a_number(chance, rows, world):
    return changed(chance, rows, uscc=lambda row: "914113020123450000"[:15] + "000")


@kind(certificates.FORM, "value.pattern")
def credit_code_with_wrong_letter(chance, rows, world):
    return changed(chance, rows, uscc=lambda row: row["uscc"][:9] + "O" + row["uscc"][10:])


@kind(certificates.FORM, "HT03")
def runs_out_before_it_begins(chance, rows, world):
    return changed(chance, rows, valid_until=lambda row: row["issued_on"] - timedelta(days=chance.randint(0, 500)))


@kind(certificates.FORM, "HT04")
def valid_too_long(chance, rows, world):
    return changed(chance, rows, valid_until=lambda row: row["valid_until"] + timedelta(days=730))


@kind(certificates.FORM, "HT05")
def number_of_another_cohort(chance, rows, world):
    return changed(chance, rows, certificate_no=lambda row: f"GR2016{row['certificate_no'][6:]}")


@kind(certificates.FORM, "HT06")
def number_of_another_province(chance, rows, world):
    return changed(chance, rows, certificate_no=lambda row: row["certificate_no"][:6] + "42" + row["certificate_no"][8:])


@kind(certificates.FORM, "HT07")
def revoked_before_issue(chance, rows, world):
    return changed(chance, rows, revoked_on=lambda row: row["issued_on"] - timedelta(days=chance.randint(1, 900)))


@kind(certificates.FORM, "HT08")
def issued_after_the_month(chance, rows, world):
    return changed(chance, rows, issued_on=date(2022, 11, 20), valid_until=date(2025, 11, 20))


@kind(certificates.FORM, "HT09")
def two_first_certificates(chance, rows, world):
    places = [each for each, row in enumerate(rows) if is_first_and_valid(row)]
    if not places:
        return None
    place = chance.choice(places)
    rows.append(rows[place] | {"certificate_no": f"GR{rows[place]['issued_on'].year}41{chance.randint(800000, 899999)}"})
    return Planted(rows, [(place, "uscc"), (len(rows) - 1, "uscc")])


def is_first_and_valid(row: Row) -> bool:
    return row["recognition_kind"] == "first" and row["valid_until"] >= date(2022, 10, 31) and row["revoked_on"] is None


@kind(certificates.FORM, "HT10")
def one_credit_code_two_names(chance, rows, world):
    held_by = Counter(row["uscc"] for row in rows)
    single = [each for each, row in enumerate(rows) if held_by[row["uscc"]] == 1]
    if len(single) < 2:
        return None
    first, second = chance.sample(single, 2)
    rows[second] = rows[second] | {"uscc": rows[first]["uscc"], "recognition_kind": "renewed"}
    return Planted(rows, [(first, "enterprise_name"), (second, "enterprise_name")])


@kind(certificates.FORM, "HT11")
def certificate_gone(chance, rows, world):
    known = {row["certificate_no"] for row in world.before}
    places = [each for each, row in enumerate(rows) if row["certificate_no"] in known and row["revoked_on"] is None]
    places = [each for each in places if rows[each]["valid_until"] >= date(2022, 10, 1)]
    gone = rows.pop(chance.choice(places))
    return Planted(rows, subject=gone["certificate_no"])


@kind(certificates.FORM, "HT12")
def credit_code_of_another(chance, rows, world):
    known = {row["certificate_no"] for row in world.before}
    places = [each for each, row in enumerate(rows) if row["certificate_no"] in known]
    place = chance.choice(places)
    rows[place] = rows[place] | {"uscc": uscc("91411399", f"LX99{chance.randint(0, 9999):04d}")}
    return Planted(rows, [(place, "certificate_no")])


@kind(certificates.FORM, "HT13")
def roster_far_too_long(chance, rows, world):
    extra = [
        rows[0]
        | {
            "certificate_no": f"GR202141{700_000 + each}",
            "enterprise_name": f"练习·多报第{each}号公司",
            "uscc": uscc("91411399", f"LX98{each:04d}"),
            "issued_on": date(2021, 11, 1),
            "valid_until": date(2024, 11, 1),
            "revoked_on": None,
        }
        for each in range(40 + 2 * len(rows))
    ]
    return Planted([*rows, *extra])


@kind(certificates.FORM, "HT21", needs_neighbour=True)
def certificate_of_the_neighbour(chance, rows, world):
    rows.append(dict(chance.choice(world.neighbour)))
    return Planted(rows, [(len(rows) - 1, "certificate_no")])


@kind(certificates.FORM, "HT23", needs_neighbour=True)
def enterprise_of_the_neighbour(chance, rows, world):
    theirs = [row for row in world.neighbour if is_first_and_valid(row)]
    if not theirs:
        return None
    theirs = chance.choice(theirs)
    rows.append(theirs | {"certificate_no": f"GR{theirs['issued_on'].year}41{chance.randint(800000, 899999)}"})
    return Planted(rows, [(len(rows) - 1, "uscc")])


@kind(certificates.FORM, "value.code")
def recognition_of_no_list(chance, rows, world):
    return changed(chance, rows, recognition_kind="复审")


@kind(certificates.FORM, "value.required")
def issue_left_out(chance, rows, world):
    return changed(chance, rows, issued_on=None)


# Popular science events


def held(rows: Rows) -> list[int]:
    return [each for each, row in enumerate(rows) if row["event_count"] > 0]


@kind(events.FORM, "PS01")
def attendance_without_events(chance, rows, world):
    return changed(chance, rows, attendance=lambda row: row["attendance"] + 50, event_count=0)


@kind(events.FORM, "PS02")
def events_without_attendance(chance, rows, world):
    return changed_at(chance.choice(held(rows)), rows, attendance=0) if held(rows) else None


@kind(events.FORM, "PS03")
def columns_exchanged(chance, rows, world):
    places = [each for each in held(rows) if rows[each]["attendance"] > rows[each]["event_count"]]
    if not places:
        return None
    place = chance.choice(places)
    row = rows[place]
    return changed_at(place, rows, attendance=row["event_count"], event_count=row["attendance"])


@kind(events.FORM, "PS04")
def more_than_any_hall_holds(chance, rows, world):
    places = [each for each in held(rows) if rows[each]["channel"] == "offline"]
    return changed_at(chance.choice(places), rows, attendance=lambda row: row["event_count"] * 20_000) if places else None


@kind(events.FORM, "PS11")
def attendance_far_off(chance, rows, world):
    """A hundred times as many as in the unit's best month so far."""
    now = sum(row["attendance"] for row in rows)
    if now == 0:
        return None
    for place in held(rows):
        rows[place] = rows[place] | {"attendance": rows[place]["attendance"] * 100 * max(world.totals) // now + 1}
    return Planted(rows)


@kind(events.FORM, "PS12")
def events_far_off(chance, rows, world):
    if not held(rows):
        return None
    for place in held(rows):
        count = rows[place]["event_count"] * 12 + 40
        rows[place] = rows[place] | {"event_count": count, "attendance": max(count, rows[place]["attendance"])}
    return Planted(rows)


@kind(events.FORM, "PS13")
def attendance_in_thousands(chance, rows, world):
    median = sorted(world.totals)[len(world.totals) // 2]
    now = sum(row["attendance"] for row in rows)
    if now == 0 or median < 3000:
        return None
    for place in held(rows):
        people = round(rows[place]["attendance"] * median / now / 1000)
        rows[place] = rows[place] | {"attendance": people}
    total = sum(row["attendance"] for row in rows)
    return Planted(rows) if total and 1000 / 1.4 < median / total < 1400 else None


@kind(events.FORM, "PS14")
def last_month_once_more(chance, rows, world):
    return Planted([dict(row) for row in world.before], [(0, "event_count")]) if len(world.before) >= 3 else None


@kind(events.FORM, "rows.duplicate")
def activity_twice(chance, rows, world):
    rows.append(chance.choice(rows) | {"event_count": 3, "attendance": 210})
    return Planted(rows, [(len(rows) - 1, "activity_type")])


@kind(events.FORM, "cell.integer")
def part_of_a_person(chance, rows, world):
    return changed(chance, rows, attendance=lambda row: row["attendance"] + 0.5)


@kind(events.FORM, "cell.number")
def words_for_a_count(chance, rows, world):
    return changed(chance, rows, event_count=chance.choice(["若干场", "多次", "待统计"]))


@kind(events.FORM, "value.required")
def channel_left_out(chance, rows, world):
    return changed(chance, rows, channel=None)


@kind(events.FORM, "table.column_missing")
def attendance_column_left_out(chance, rows, world):
    return Planted(rows, without="attendance")
