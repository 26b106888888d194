"""Made-up rows of the form `high_tech_enterprises`: cohorts of certificates and the roster a unit sends in a month.

Belongs here: certificates, their enterprises and validity. Does not belong here: files, or counts of what is valid.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from pipelines.practice.city import FIRST_SERIAL, City, Row, apportion, month_bounds
from pipelines.practice.shape import Cohort, load_shape

FORM = "high_tech_enterprises"
YEARS_VALID = 3


@dataclass(frozen=True)
class Certificate:
    """One certificate; `enterprise` is the running number of the enterprise within its unit."""

    number: str
    unit_id: str
    enterprise: int
    field: str
    kind: str
    issued_on: date
    revoked_on: date | None = None

    @property
    def valid_until(self) -> date:
        return self.issued_on.replace(year=self.issued_on.year + YEARS_VALID)


def certificate_rows(city: City, month: str) -> dict[str, list[Row]]:
    """The rosters of the month by reporting unit: issued by its last day and not run out before its first.

    One certificate of a zone stands in the roster of the county it lies in as well.
    """
    first, last = month_bounds(month)
    rows: dict[str, list[Row]] = {unit_id: [] for unit_id in city.by_id}
    repeated, county = repeated_in(city)
    for certificate in all_certificates(city):
        if certificate.issued_on <= last and certificate.valid_until >= first:
            row = _row(city, certificate, last)
            rows[certificate.unit_id].append(row)
            if certificate == repeated:
                rows[county].append(dict(row))
    return rows


def repeated_in(city: City) -> tuple[Certificate, str]:
    """The certificate that a zone and a county both report (the longest valid of the zone), and that county."""
    zone, county = city.overlaps[0]
    return max(
        (one for one in all_certificates(city) if one.unit_id == zone), key=lambda one: (one.issued_on, one.number)
    ), county


@lru_cache(maxsize=4)
def all_certificates(city: City) -> tuple[Certificate, ...]:
    """Every certificate of the practice city, by cohort and number."""
    shape = load_shape().certificates
    made: list[Certificate] = []
    enterprises: Counter[str] = Counter()
    for cohort in shape.cohorts:
        predecessors = [one for one in made if one.issued_on.year == cohort.renewed_of]
        made += _cohort(city, cohort, predecessors, enterprises)
    return tuple(_with_revoked(made))


def _cohort(city: City, cohort: Cohort, predecessors: list[Certificate], enterprises: Counter[str]) -> list[Certificate]:
    """The certificates of a cohort: those that renew one of `predecessors`, then those of enterprises not seen before.

    Takes the next running numbers from `enterprises` (by unit).
    """
    chance = city.chance(FORM, cohort.year)
    holders: list[tuple[str, int, str, str, date]] = []
    for old in chance.sample(predecessors, cohort.renewed):
        # An enterprise applies when its certificate is about to run out, so both may be valid for a while.
        days = [day for day in cohort.issued_on if day >= old.valid_until - timedelta(days=75)] or [cohort.issued_on[-1]]
        holders.append((old.unit_id, old.enterprise, old.field, "renewed", chance.choice(days)))
    share = load_shape().certificates.renewed_share if cohort.renewed_of is None else 0
    for unit_id, count in zip(city.weights, apportion(cohort.count - cohort.renewed, list(city.weights.values())), strict=True):
        for _ in range(count):
            enterprises[unit_id] += 1
            kind = "renewed" if chance.random() < share else "first"
            holders.append((unit_id, enterprises[unit_id], chance.choice(FIELDS), kind, chance.choice(cohort.issued_on)))
    province = city.units[0].area_id[:2]
    return [
        Certificate(f"GR{cohort.year}{province}{serial:06d}", *holder)
        for serial, holder in enumerate(sorted(holders, key=lambda holder: (holder[4], holder[:2])), FIRST_SERIAL)
    ]


# Code -> repeated as often as it is likely.
FIELDS = (
    ("manufacturing",) * 4 + ("electronics", "materials", "services", "biomedicine") * 2 + ("energy", "environment", "aerospace")
)


def _with_revoked(certificates: list[Certificate]) -> list[Certificate]:
    """The same, with one of the planned cohort revoked: the first that nobody renewed."""
    revoked = load_shape().certificates.revoked
    held = Counter((one.unit_id, one.enterprise) for one in certificates)
    chosen = next(one for one in certificates if one.issued_on.year == revoked.cohort and held[one.unit_id, one.enterprise] == 1)
    return [replace(one, revoked_on=revoked.on) if one == chosen else one for one in certificates]


def _row(city: City, certificate: Certificate, as_of: date) -> Row:
    revoked_on = certificate.revoked_on
    return {
        "certificate_no": certificate.number,
        "enterprise_name": city.enterprise_name(certificate.unit_id, certificate.enterprise),
        "uscc": city.enterprise_uscc(certificate.unit_id, certificate.enterprise),
        "high_tech_field": certificate.field,
        "recognition_kind": certificate.kind,
        "issued_on": certificate.issued_on,
        "valid_until": certificate.valid_until,
        "revoked_on": revoked_on if revoked_on and revoked_on <= as_of else None,
    }
