"""Made-up rows of the form `technical_contracts`, adding up to the planned city turnover of a month.

Belongs here: contract numbers, parties, dates and values. Does not belong here: files, or what is planted wrongly in them.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random

from pipelines.practice.city import City, Row, apportion, month_bounds
from pipelines.practice.shape import load_shape

FORM = "technical_contracts"
STEP = Decimal("0.01")  # 万元; contracts are registered to the hundred yuan
STEPS_PER_YI = 1_000_000  # of 0.01万元 in a 亿元
NUMBERS_PER_MONTH = 83_333  # a year's six-digit serial, shared by twelve months
PARTNERS = 40  # enterprises of a unit that sell or buy


def contract_rows(city: City, month: str, scale: float) -> dict[str, list[Row]]:
    """The month's contracts by reporting unit.

    One contract a month is reported by a zone and again by the county it lies in; the pairs take turns. Without that
    repeat the turnover of all units is exactly the planned one, whatever the scale.

    Raises:
        ValueError: the scale asks for more contracts of a unit than contract numbers or hundreds of yuan allow.
    """
    shape = load_shape().contracts
    total = int(shape.turnover[int(month[5:]) - 1] * STEPS_PER_YI)
    sizes = {
        unit_id: weight * city.chance(FORM, unit_id, month, "size").lognormvariate(0, 0.25)
        for unit_id, weight in city.weights.items()
    }
    shares = apportion(total, list(sizes.values()))
    rows = {
        unit_id: _unit_rows(city, unit_id, month, share, round(shape.rows_per_unit * scale * size))
        for (unit_id, size), share in zip(sizes.items(), shares, strict=True)
    }
    zone, county = repeated_in(city, month)
    rows[county].append(dict(rows[zone][0]))
    return rows


def repeated_in(city: City, month: str) -> tuple[str, str]:
    """The (zone, county) that both report the zone's first contract of the month."""
    return city.overlaps[int(month[5:]) % len(city.overlaps)]


def _unit_rows(city: City, unit_id: str, month: str, total: int, wanted: int) -> list[Row]:
    """`wanted` contracts (at least one) of a unit, worth `total` steps together."""
    count = max(1, wanted)
    if count > min(NUMBERS_PER_MONTH, total):
        raise ValueError(f"{FORM}: {count} contracts of {unit_id} in {month} are too many; choose a smaller scale of rows")
    chance = city.chance(FORM, unit_id, month)
    spread = load_shape().contracts.size_spread
    # Each contract gets one step first: none is worth nothing.
    values = [1 + part for part in apportion(total - count, [chance.lognormvariate(0, spread) for _ in range(count)])]
    return [_row(city, chance, unit_id, month, number, value) for number, value in enumerate(values, 1)]


def _row(city: City, chance: Random, unit_id: str, month: str, number: int, value: int) -> Row:
    shape = load_shape().contracts
    first, last = month_bounds(month)
    registered_on = first + timedelta(days=chance.randrange(last.day))
    if chance.random() < shape.outside_buyer_share:
        buyer, buyer_code = f"练习·外地第{chance.randint(1, 999):03d}号单位", chance.choice(shape.outside_buyers)
    else:
        buyer_unit = chance.choice(city.units).reporting_unit_id
        buyer, buyer_code = city.enterprise_name(buyer_unit, chance.randint(1, PARTNERS)), city.division_code(buyer_unit)
    technology = value if chance.random() < 0.45 else max(1, int(value * chance.uniform(0.4, 1)))
    return {
        "contract_no": _contract_no(city, unit_id, month, number),
        "contract_name": f"练习项目{number:04d}",
        "contract_type": chance.choices(list(shape.types), list(shape.types.values()))[0],
        "technology_field": chance.choice(TECHNOLOGY_FIELDS),
        "signed_on": registered_on - timedelta(days=chance.randint(0, 90)),
        "registered_on": registered_on,
        "seller_name": city.enterprise_name(unit_id, chance.randint(1, PARTNERS)),
        "seller_division_code": city.division_code(unit_id),
        "buyer_name": buyer,
        "buyer_division_code": buyer_code,
        "contract_value": value * STEP,
        "technology_value": technology * STEP,
    }


# Code -> repeated as often as it is likely.
TECHNOLOGY_FIELDS = (
    ("manufacturing",) * 5
    + ("electronics", "materials", "environment") * 3
    + ("biomedicine", "agriculture", "energy") * 3
    + ("transport", "urban", "aerospace", "nuclear")
)


def _contract_no(city: City, unit_id: str, month: str, number: int) -> str:
    """Sixteen digits: year, province, prefecture, registration point, six of a serial."""
    area_id = city.by_id[unit_id].area_id
    point = area_id[4:] if area_id.isdigit() else f"9{area_id[-1]}"
    return f"{month[:4]}{area_id[:4]}{point}{(int(month[5:]) - 1) * NUMBERS_PER_MONTH + number:06d}"
