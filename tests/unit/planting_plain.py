"""Errors to plant in the plain rows of the forms beside the first three: what each changes, and which rule must find it.

Belongs here: one kind a rule at least. Does not belong here: how kinds are found (`test_planted_errors`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal

import plain
from inprocess import TERMS
from planting import KINDS, Kind, Planted, Rows, World, changed_at, kind, other_letter

from pipelines.practice.city import Row, uscc

SMES, PLATFORMS, CARRIERS = "tech_smes", "innovation_platforms", "incubators"
LOANS, PROJECTS = "sci_tech_loans", "sci_tech_projects"
WORK, COMMISSIONERS = "association_work", "sci_tech_commissioners"
RESEARCH, INDICATORS = "rd_statistics", "department_indicators"
EVENTS = ("academic_exchange", "literacy_contest")


def plant(
    form: str,
    rule: str,
    name: str,
    values: Mapping[str, object | Callable[[Row], object]],
    where: Callable[[Row], object] = lambda row: True,
    *,
    at: str | None = None,
    month: str | None = None,
) -> None:
    """A kind that gives one row for which `where` holds other values; found at the first of them, unless `at` another field."""

    def change(chance, rows: Rows, world: World) -> Planted | None:
        places = [place for place, row in enumerate(rows) if where(row)]
        if not places:
            return None
        place = chance.choice(places)
        planted = changed_at(place, rows, **values)
        return Planted(rows, [(place, at)]) if at else planted

    KINDS.append(Kind(f"{form}: {name}", form, rule, change, month=month))


def plant_everywhere(form: str, rule: str, name: str, change: Callable[[Row], Row]) -> None:
    """A kind that changes all rows and is found of the submission as a whole."""
    KINDS.append(Kind(f"{form}: {name}", form, rule, lambda chance, rows, world: Planted([row | change(row) for row in rows])))


def plant_gone(form: str, rule: str, where: Callable[[Row], object] = lambda row: True) -> None:
    """A kind that takes a row away which the unit has reported before."""
    fields = [TERMS.forms[form].by_name[name] for name in TERMS.forms[form].grain]

    def shown(row: Row) -> str:
        labels = [{code: label for label, code in TERMS.code_lists.get(each.codes or "", {}).items()} for each in fields]
        return "、".join(of.get(row[each.name], row[each.name]) for each, of in zip(fields, labels, strict=True))

    def take(chance, rows: Rows, world: World) -> Planted | None:
        if len(rows) == 1:
            return None
        known = {shown(row) for row in world.before}
        gone = rows.pop(chance.choice([place for place, row in enumerate(rows) if where(row) and shown(row) in known]))
        return Planted(rows, subject=shown(gone))

    KINDS.append(Kind(f"{form}: row gone", form, rule, take))


def plant_copy(form: str, rule: str, name: str, field: str | None, values: Mapping[str, object], *, both: bool = False) -> None:
    """A kind that adds a row once more with other values; found at `field` of the new row, or of both."""

    def copy(chance, rows: Rows, world: World) -> Planted:
        place = chance.randrange(len(rows))
        rows.append(rows[place] | values)
        return Planted(rows, [(each, field) for each in ((place, len(rows) - 1) if both else (len(rows) - 1,))])

    KINDS.append(Kind(f"{form}: {name}", form, rule, copy))


def plant_many(form: str, rule: str, key: str, count: int) -> None:
    """A kind that adds far too many rows, each with a key of its own."""

    def add(chance, rows: Rows, world: World) -> Planted:
        made = [rows[1] | {key: uscc("91411399", f"PM{n:06d}") if key == "uscc" else f"{rows[1][key]}-{n}"} for n in range(count)]
        return Planted([*rows, *made])

    KINDS.append(Kind(f"{form}: far too many rows", form, rule, add))


def plant_neighbours(form: str, rule: str, field: str) -> None:
    """A kind that adds a row which another county reports too."""

    def add(chance, rows: Rows, world: World) -> Planted:
        rows.append(dict(chance.choice(world.neighbour)))
        return Planted(rows, [(len(rows) - 1, field)])

    KINDS.append(Kind(f"{form}: row of the neighbour", form, rule, add, needs_neighbour=True))


def plant_one_code_two_names(form: str, rule: str, field: str) -> None:
    def exchange(chance, rows: Rows, world: World) -> Planted:
        first, second = chance.sample(range(len(rows)), 2)
        rows[second] = rows[second] | {"uscc": rows[first]["uscc"]}
        return Planted(rows, [(first, field), (second, field)])

    KINDS.append(Kind(f"{form}: one credit code, two names", form, rule, exchange))


def days(name: str, number: int) -> Callable[[Row], date]:
    return lambda row: row[name] + timedelta(days=number)


def times(name: str, factor: object) -> Callable[[Row], object]:
    return lambda row: row[name] * factor


def in_force(row: Row) -> bool:
    return row["revoked_on"] is None


# What all forms have in common

for form, first in {SMES: "SM01", PLATFORMS: "IP01", CARRIERS: "IC01", LOANS: "SL01", PROJECTS: "SP01"}.items():
    plant(form, first, "credit code mistyped", {"uscc": lambda row: other_letter(row["uscc"], 4)})
    plant(form, first, "credit code through a number", {"uscc": "914113020123450000"[:15] + "000"})

for form in plain.UNITS:
    fields = TERMS.forms[form].fields
    required = [each for each in fields if each.required and each.name not in TERMS.forms[form].grain]
    for each in (required or fields)[-1:]:
        plant(form, "value.required" if required else "value.range", "left out", {each.name: None if required else -1})
    if form not in (RESEARCH, COMMISSIONERS):  # every code is there already, so that a copy would only repeat this kind
        plant_copy(form, "rows.duplicate", "row twice", TERMS.forms[form].grain[0], {})

OTHER_TYPE = {"key_laboratory": "pilot_test_base", "incubator": "makerspace"}
for form, prefix, name, holder, kinds, level in (
    (PLATFORMS, "IP", "platform_name", "host_name", "platform_type", "platform_level"),
    (CARRIERS, "IC", "carrier_name", "operator_name", "carrier_type", "carrier_level"),
):
    plant(form, f"{prefix}02", "revoked before recognition", {"revoked_on": days("recognised_on", -1)})
    plant(form, f"{prefix}03", "recognised later", {"recognised_on": date(2022, 10, 1)}, in_force)
    plant_one_code_two_names(form, f"{prefix}04", holder)
    another = {kinds: lambda row, of=kinds: OTHER_TYPE[row[of]]}
    plant(form, f"{prefix}05", "of another type", another, lambda row, of=kinds: row[of] in OTHER_TYPE)
    plant_gone(form, f"{prefix}11", in_force)
    plant(form, f"{prefix}12", "level lowered", {level: "municipal"}, lambda row, of=level: row[of] == "national")
    plant(form, f"{prefix}13", "another day", {"recognised_on": days("recognised_on", 30)}, in_force)
    low = {"where": lambda row, of=level: row[of] == "municipal", "at": "recognised_on"}
    plant(form, f"{prefix}14", "raised on the old day", {level: "national"}, **low)
    plant(form, f"{prefix}15", "in force again", {"revoked_on": None}, lambda row: not in_force(row))
    plant_neighbours(form, f"{prefix}21", name)

# Small and medium-sized technology enterprises


def has_number(row: Row) -> bool:
    return row["registration_no"] is not None and row["revoked_on"] is None


def had_number(row: Row) -> bool:
    return has_number(row) and row["registered_on"].month < 10


plant(SMES, "SM02", "number left out", {"registration_no": None}, has_number)
plant(SMES, "SM02", "day of registration left out", {"registered_on": None}, has_number, at="registration_no")
plant(SMES, "SM03", "registered before publication", {"registered_on": days("publicised_on", -1)}, has_number)
plant(SMES, "SM04", "revoked before registration", {"revoked_on": days("publicised_on", 1)}, has_number)
plant(SMES, "SM04", "revoked without registration", {"revoked_on": date(2022, 10, 30)}, lambda row: row["registered_on"] is None)
plant(SMES, "SM05", "publicised later", {"publicised_on": date(2022, 11, 5)}, lambda row: row["registered_on"] is None)
plant(SMES, "SM06", "of last year", {"publicised_year": "2021"})
plant(SMES, "SM07", "of another city", {"registration_no": lambda row: f"20224101{row['registration_no'][8:]}"}, has_number)
plant(SMES, "SM08", "many hands", {"staff_count": 501})
plant(SMES, "SM09", "sales in 元", {"sales_revenue": times("sales_revenue", 10_000)})
plant(SMES, "SM09", "assets in 元", {"total_assets": times("total_assets", 10_000)}, at="sales_revenue")
plant(SMES, "SM10", "more researchers than hands", {"rd_staff_count": lambda row: row["staff_count"] + 1})
plant_gone(SMES, "SM11", in_force)
plant(SMES, "SM12", "another number", {"registration_no": lambda row: f"{row['registration_no'][:16]}99"}, had_number)
plant(SMES, "SM13", "in force again", {"revoked_on": None}, lambda row: not in_force(row))
plant_neighbours(SMES, "SM21", "uscc")


@kind(SMES, "SM14")
def many_publicised_at_once(chance, rows, world):
    now = next(row for row in rows if row["publicised_on"] >= date(2022, 10, 1))
    made = [now | {"uscc": uscc("91411399", f"PM{n:06d}"), "registered_on": None, "registration_no": None} for n in range(60)]
    return Planted([*rows, *made])


@kind(SMES, "SM23", needs_neighbour=True)
def number_of_the_neighbour(chance, rows, world):
    place = chance.choice([place for place, row in enumerate(rows) if has_number(row)])
    theirs = chance.choice([row for row in world.neighbour if has_number(row)])
    return changed_at(place, rows, registration_no=theirs["registration_no"])


# Platforms and incubators

plant_many(PLATFORMS, "IP16", "platform_name", 60)
plant(CARRIERS, "IC06", "nobody there", {"incubated_enterprises": 0}, in_force)
plant(CARRIERS, "IC07", "still there", {"incubated_enterprises": 9}, lambda row: not in_force(row))
plant(CARRIERS, "IC08", "area in 万平方米", {"floor_area": times("floor_area", Decimal("0.0001"))})
plant_everywhere(CARRIERS, "IC16", "counts far off", lambda row: {"incubated_enterprises": row["incubated_enterprises"] * 100})

# Loans

plant(LOANS, "SL02", "due before it is granted", {"matures_on": days("granted_on", -1)})
plant(LOANS, "SL03", "granted later", {"granted_on": date(2022, 11, 2)})
plant(LOANS, "SL04", "granted before", {"granted_on": date(2022, 9, 30)})
plant(LOANS, "SL05", "nothing", {"loan_amount": Decimal(0)})
plant(LOANS, "SL06", "in 元", {"loan_amount": times("loan_amount", 10_000)})
plant(LOANS, "SL06", "in 亿元", {"loan_amount": times("loan_amount", Decimal("0.0001"))})
plant(LOANS, "SL07", "due in another decade", {"matures_on": date(2032, 10, 1)})
plant(LOANS, "SL08", "elsewhere", {"division_code": "410102"})
plant_one_code_two_names(LOANS, "SL09", "enterprise_name")
plant_copy(LOANS, "SL10", "loan twice", "loan_no", {"loan_no": "KJD-AGAIN"}, both=True)
plant_everywhere(LOANS, "SL11", "total far off", lambda row: {"loan_amount": row["loan_amount"] * 30})
plant_everywhere(LOANS, "SL12", "all in 元", lambda row: {"loan_amount": row["loan_amount"] * 10_000})
plant_many(LOANS, "SL13", "loan_no", 150)


@kind(LOANS, "SL21")
def granted_last_month_already(chance, rows, world):
    return changed_at(chance.randrange(len(rows)), rows, loan_no=chance.choice(world.before)["loan_no"])


# Projects and awards


def is_award(row: Row) -> bool:
    return row["project_kind"].endswith("_award")


def is_project(row: Row) -> bool:
    return not is_award(row)


plant(PROJECTS, "SP02", "award without a grade", {"award_grade": None}, is_award)
plant(PROJECTS, "SP03", "project with a grade", {"award_grade": "first"}, is_project)
plant(PROJECTS, "SP04", "award with money", {"fiscal_funds": Decimal(50)}, is_award)
plant(PROJECTS, "SP05", "approved later", {"approved_on": date(2022, 10, 8)})
plant(PROJECTS, "SP06", "approved before the quarter", {"approved_on": date(2022, 6, 30)})
plant(PROJECTS, "SP07", "project without money", {"fiscal_funds": None}, is_project)
plant(PROJECTS, "SP08", "in 元", {"fiscal_funds": times("fiscal_funds", 10_000)}, is_project)
plant(PROJECTS, "SP09", "elsewhere", {"division_code": "410102"})
plant_copy(PROJECTS, "SP10", "project twice", "project_no", {"project_no": "XM-AGAIN"}, both=True)


def funds_times(factor: int) -> Callable[[Row], Row]:
    return lambda row: {"fiscal_funds": row["fiscal_funds"] and row["fiscal_funds"] * factor}


plant_everywhere(PROJECTS, "SP11", "money far off", funds_times(30))
plant_everywhere(PROJECTS, "SP12", "all in 元", funds_times(10_000))
plant_many(PROJECTS, "SP13", "project_no", 200)


@kind(PROJECTS, "SP21")
def approved_last_quarter_already(chance, rows, world):
    return changed_at(chance.randrange(len(rows)), rows, project_no=chance.choice(world.before)["project_no"])


# The work of the associations


def is_event(row: Row) -> bool:
    return row["work_item"] in EVENTS


def is_stock(row: Row) -> bool:
    return not is_event(row)


NUMBERS = ("item_count", "item_count_ytd", "item_total", "participants", "attendance")
plant(WORK, "AW01", "more people than visits", {"participants": lambda row: row["attendance"] + 1}, is_event)
plant(WORK, "AW02", "year below quarter", {"item_count_ytd": lambda row: row["item_count"] - 1})
plant(WORK, "AW03", "last year counted on", {"item_count_ytd": lambda row: row["item_count"] + 9}, month="2022-03")
plant(WORK, "AW04", "people without an event", {"item_count": 0}, is_event)
plant(WORK, "AW05", "row without a number", dict.fromkeys(NUMBERS), at="work_item")
plant(WORK, "AW06", "people of another row", {"attendance": 90}, is_stock, at="work_item")
plant(WORK, "AW07", "stock of events", {"item_total": 12}, is_event)
plant(WORK, "AW08", "stock below what is new", {"item_total": lambda row: row["item_count_ytd"] - 1}, is_stock)
plant(WORK, "AW11", "year falls", {"item_count_ytd": lambda row: row["item_count_ytd"] - row["item_count"] - 1})
plant(WORK, "AW12", "year does not add up", {"item_count_ytd": lambda row: row["item_count_ytd"] + 3})
plant(WORK, "AW13", "stock grows by itself", {"item_total": lambda row: row["item_total"] + 40}, is_stock)
plant(WORK, "AW14", "a digit too many", {"item_total": times("item_total", 10)}, is_stock)
plant_everywhere(WORK, "AW15", "visits far off", lambda row: {"attendance": row["attendance"] and row["attendance"] * 100})

# Commissioners

plant(COMMISSIONERS, "SC01", "service by nobody", {"commissioners": 0, "service_groups": 0})
plant(COMMISSIONERS, "SC02", "columns exchanged", {"service_groups": lambda row: row["commissioners"] + 3})
plant(COMMISSIONERS, "SC03", "sessions without end", {"training_sessions": lambda row: 91 * row["commissioners"]})
plant(COMMISSIONERS, "SC04", "households without end", {"households_served": lambda row: 1001 * row["commissioners"]})
plant_gone(COMMISSIONERS, "SC11")
plant(COMMISSIONERS, "SC12", "a digit too many", {"commissioners": times("commissioners", 10)})
plant_everywhere(COMMISSIONERS, "SC13", "households far off", lambda row: {"households_served": row["households_served"] * 20})


@kind(COMMISSIONERS, "SC14")
def last_quarter_once_more(chance, rows, world):
    return Planted([dict(row) for row in world.before], [(0, "training_sessions")])


# Research of industry

plant(RESEARCH, "RD01", "more active than there are", {"active_enterprise_count": lambda row: row["enterprise_count"] + 1})
plant(RESEARCH, "RD02", "more institutes than firms", {"institution_enterprise_count": lambda row: row["enterprise_count"] + 1})
plant(RESEARCH, "RD03", "more spent than earned", {"rd_expenditure": lambda row: row["operating_revenue"] + 1})
plant(RESEARCH, "RD04", "spent by nobody", {"active_enterprise_count": 0})
plant(RESEARCH, "RD05", "nothing spent", {"rd_expenditure": Decimal(0)})
plant(RESEARCH, "RD06", "a fifth spent", {"rd_expenditure": lambda row: row["operating_revenue"] / 5})
plant(RESEARCH, "RD07", "revenue in 元", {"operating_revenue": times("operating_revenue", 10_000)})
plant(RESEARCH, "RD08", "persons in thousands", {"rd_personnel_fte": times("rd_personnel_fte", 1000)})
plant_everywhere(RESEARCH, "RD11", "money far off", lambda row: {"rd_expenditure": row["rd_expenditure"] * 6})
plant_everywhere(RESEARCH, "RD12", "revenue far off", lambda row: {"operating_revenue": row["operating_revenue"] * 10})
plant(RESEARCH, "RD13", "enterprises far off", {"enterprise_count": times("enterprise_count", 5)})
CITY_ROW = {"month": "2021-10", "where": lambda row: row["rd_personnel_fte"] > 1000}
plant(RESEARCH, "RD21", "fewer than the counties", {"enterprise_count": lambda row: row["enterprise_count"] - 1}, **CITY_ROW)
plant(RESEARCH, "RD22", "less than the counties", {"rd_expenditure": times("rd_expenditure", Decimal("0.9"))}, **CITY_ROW)


@kind(RESEARCH, "RD14")
def last_year_once_more(chance, rows, world):
    return Planted([dict(row) for row in world.before], [(0, "rd_expenditure")])


# Indicators of departments


def is_share(row: Row) -> bool:
    return "per_10k" not in row["indicator"] and not is_growth(row)


def is_growth(row: Row) -> bool:
    return row["indicator"] == "rd_expenditure_growth"


plant(INDICATORS, "DI02", "share above the whole", {"indicator_value": Decimal(1250)}, is_share)
plant(INDICATORS, "DI03", "growth out of bounds", {"indicator_value": Decimal(1250)}, is_growth)
plant(INDICATORS, "DI04", "total for a rate", {"indicator_value": Decimal(31_400)}, lambda row: "per_10k" in row["indicator"])
plant(INDICATORS, "DI05", "fraction for a percentage", {"indicator_value": times("indicator_value", Decimal("0.01"))}, is_share)
plant(INDICATORS, "DI06", "source without a year", {"survey_basis": "统计公报"})
plant(INDICATORS, "DI11", "far from last year", {"indicator_value": times("indicator_value", 2)}, is_share)
plant_gone(INDICATORS, "DI13")


@kind(INDICATORS, "DI01")
def indicator_of_another_department(chance, rows, world):
    own = {row["indicator"] for row in rows}
    code = chance.choice([code for code in TERMS.code_lists["department_indicator"].values() if code not in own])
    rows.append(rows[0] | {"indicator": code, "indicator_value": Decimal(20)})
    return Planted(rows, [(len(rows) - 1, "indicator")])


@kind(INDICATORS, "DI12")
def value_of_last_year(chance, rows, world):
    place = chance.randrange(len(rows))
    values = {row["indicator"]: row["indicator_value"] for row in world.before}
    return changed_at(place, rows, indicator_value=values[rows[place]["indicator"]])


plant_neighbours(INDICATORS, "DI21", "indicator")
