"""Clean rows for tests: a few plain ones of every form that is not among the first three, for any unit and period.

Belongs here: rows in which no rule finds anything, month after month. Does not belong here: what is planted in them (`planting`),
or a city with totals of its own (`pipelines.practice`).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from inprocess import TERMS

from pipelines.practice.city import Row, month_bounds, uscc

COUNTIES, ZONES = ("411302", "411303", "411321", "411322"), ("411371", "4113Z2")
UNITS = {
    "tech_smes": COUNTIES + ZONES,
    "innovation_platforms": COUNTIES + ZONES,
    "incubators": COUNTIES + ZONES,
    "sci_tech_loans": ("411300-KJJ",),
    "sci_tech_projects": ("411300-KJJ",),
    "association_work": (*COUNTIES, "411300-KX"),
    "sci_tech_commissioners": COUNTIES,
    "rd_statistics": (*COUNTIES, "411300-TJJ"),
    "department_indicators": ("411300-TJJ", "411300-KX", "411300-SJJ", "411300-GXJ"),
}
FIRST_YEAR = 2020  # of the history of what is not reported every month
MONTHS = {"monthly": range(1, 13), "quarterly": (3, 6, 9, 12), "annual": (10,)}
LEVELS = ("municipal", "provincial", "national")


def months_of(form: str, last: str) -> list[str]:
    """The months of the form's reports, up to the last."""
    numbers = MONTHS[TERMS.forms[form].frequency]
    first = int(last[:4]) if len(numbers) == 12 else FIRST_YEAR
    months = [f"{year}-{number:02d}" for year in range(first, int(last[:4]) + 1) for number in numbers]
    return [month for month in months if month <= last]


def rows_of(form: str, month: str) -> dict[str, list[Row]]:
    """The rows of a month by unit; money in 万元, codes as stored."""
    return {unit: _MAKERS[form](unit, number, month) for number, unit in enumerate(UNITS[form], 1)}


def _codes(name: str) -> list[str]:
    return list(TERMS.code_lists[name].values())


def _labels(name: str) -> dict[str, str]:
    return {code: label for label, code in TERMS.code_lists[name].items()}


def _division(unit: str) -> str:
    return unit[:6] if unit[:6].isdigit() else "411321"


def _uscc(unit: str, number: int, place: int) -> str:
    return uscc(f"91{_division(unit)}", f"PL{number:02d}{place:04d}")


def _passed(month: str) -> int:
    """Months since the history began."""
    return 12 * (int(month[:4]) - FIRST_YEAR) + int(month[5:])


def _sme(unit: str, number: int, year: int, place: int, month: str) -> Row:
    """The enterprise of that place in the register: three are publicised a month, of which the third waits for its number."""
    publicised = date(year, place // 3 + 1, 5)
    registered = publicised + timedelta(days=15 if place % 3 < 2 else 40)
    last = month_bounds(month)[1]
    is_registered = registered <= last
    revoked = date(year, 3, 9)
    return {
        "uscc": _uscc(unit, number, place),
        "enterprise_name": f"合成{number}之{place}公司",
        "publicised_year": str(year),
        "publicised_on": publicised,
        "registered_on": registered if is_registered else None,
        "registration_no": f"{year}{_division(unit)}0A{number:02d}{place:04d}" if is_registered else None,
        "revoked_on": revoked if place == 0 and revoked <= last else None,
        "staff_count": 20 + place,
        "rd_staff_count": 5 + place % 7,
        "sales_revenue": Decimal(800 + 10 * place),
        "total_assets": Decimal(1200 + 10 * place),
    }


def _smes(unit: str, number: int, month: str) -> list[Row]:
    return [_sme(unit, number, int(month[:4]), place, month) for place in range(3 * int(month[5:]))]


def _recognised(unit: str, number: int, place: int, month: str) -> Row:
    """What a platform and a carrier have in common; the last of them is revoked in February 2022."""
    revoked = date(2022, 2, 9)
    return {
        "uscc": _uscc(unit, number, place),
        "recognised_on": date(2016 + place % 4, 5, 10 + place),
        "revoked_on": revoked if place == 7 and revoked <= month_bounds(month)[1] else None,
    }


def _platforms(unit: str, number: int, month: str) -> list[Row]:
    labels = _labels("platform_type")
    return [
        _recognised(unit, number, place, month)
        | {
            "platform_name": f"合成{number}之{place}{labels[code]}",
            "platform_type": code,
            "platform_level": LEVELS[place % 3],
            "host_name": f"合成{number}之{place}公司",
        }
        for place, code in enumerate(_codes("platform_type")[:8])
    ]


def _carriers(unit: str, number: int, month: str) -> list[Row]:
    labels = _labels("carrier_type")
    rows = [
        _recognised(unit, number, place, month)
        | {
            "carrier_name": f"合成{number}之{place}{labels[code]}",
            "carrier_type": code,
            "carrier_level": LEVELS[place % 3],
            "operator_name": f"合成{number}之{place}公司",
            "incubated_enterprises": 12 + place + _passed(month) % 5,
            "floor_area": Decimal(3000 + 500 * place),
        }
        for place, code in enumerate(_codes("carrier_type") * 3)
    ]
    return [row | {"incubated_enterprises": 0} if row["revoked_on"] else row for row in rows]


def _loans(unit: str, number: int, month: str) -> list[Row]:
    first, _ = month_bounds(month)
    return [
        {
            "loan_no": f"KJD-{month}-{place:03d}",
            "loan_product": _codes("loan_product")[place % 2],
            "enterprise_name": f"合成{place}公司",
            "uscc": _uscc(COUNTIES[place % 4], place % 4 + 1, place),
            "division_code": COUNTIES[place % 4],
            "bank_name": "合成银行宛城支行",
            "granted_on": first + timedelta(days=place),
            "matures_on": (first + timedelta(days=365 + place)),
            "loan_amount": Decimal(200 + 15 * place + _passed(month) % 7),
        }
        for place in range(12)
    ]


def _projects(unit: str, number: int, month: str) -> list[Row]:
    first, _ = month_bounds(month)
    rows = []
    for place, code in enumerate(_codes("project_kind") * 2):
        is_award = code.endswith("_award")
        rows.append(
            {
                "project_no": f"XM-{month}-{place:03d}",
                "project_name": f"合成{month}第{place}项",
                "project_kind": code,
                "award_grade": "second" if is_award else None,
                "undertaker_name": f"合成{place}公司",
                "uscc": _uscc(COUNTIES[place % 4], place % 4 + 1, place),
                "division_code": COUNTIES[place % 4],
                "approved_on": first + timedelta(days=place),
                "fiscal_funds": None if is_award else Decimal(100 + 10 * place + _passed(month) % 7),
            }
        )
    return rows


def _association_work(unit: str, number: int, month: str) -> list[Row]:
    quarter = int(month[5:]) // 3
    new = [2 + number + each for each in range(1, quarter + 1)]
    years = int(month[:4]) - FIRST_YEAR
    total = 100 + sum(new) + years * sum(2 + number + each for each in range(1, 5))
    rows = []
    for code in _codes("work_item"):
        is_event = code in ("academic_exchange", "literacy_contest")
        people = 300 + 10 * number + _passed(month) % 7 if is_event else None
        rows.append(
            {
                "work_item": code,
                "item_count": new[-1],
                "item_count_ytd": sum(new),
                "item_total": None if is_event else total,
                "participants": people,
                "attendance": people and 2 * people,
            }
        )
    return rows


def _commissioners(unit: str, number: int, month: str) -> list[Row]:
    return [
        {
            "commissioner_level": code,
            "commissioners": 15 + number + place,
            "service_groups": 2 + place,
            "training_sessions": 20 + _passed(month) % 7 + place,
            "households_served": 600 + 10 * number + _passed(month),
        }
        for place, code in enumerate(_codes("commissioner_level"))
    ]


def _rd_statistics(unit: str, number: int, month: str) -> list[Row]:
    """The city's figures are those of its counties together."""
    share = 1 if unit in COUNTIES else len(COUNTIES)
    later = _passed(month) // 12
    return [
        {
            "enterprise_size": code,
            "enterprise_count": share * (20 + later),
            "active_enterprise_count": share * 8,
            "institution_enterprise_count": share * 6,
            "rd_expenditure": share * Decimal(9000 + 100 * later),
            "operating_revenue": share * Decimal(600_000 + 1000 * later),
            "rd_personnel_fte": share * Decimal(300),
        }
        for code in _codes("enterprise_size")
    ]


def _indicators(unit: str, number: int, month: str) -> list[Row]:
    own = set(TERMS.units[unit].responsible_for)
    year = int(month[:4]) - 1
    return [
        {
            "indicator": code,
            "indicator_value": Decimal(10 + place) + Decimal("0.3") * (year - FIRST_YEAR),
            "survey_basis": f"{year}年统计公报",
        }
        for place, code in enumerate(_codes("department_indicator"))
        if code in own
    ]


_MAKERS = {
    "tech_smes": _smes,
    "innovation_platforms": _platforms,
    "incubators": _carriers,
    "sci_tech_loans": _loans,
    "sci_tech_projects": _projects,
    "association_work": _association_work,
    "sci_tech_commissioners": _commissioners,
    "rd_statistics": _rd_statistics,
    "department_indicators": _indicators,
}
