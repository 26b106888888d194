"""What the practice city is shaped to: the model that `city.yml` is checked against, and how it is loaded.

Belongs here: totals, shares and dates as they stand in `city.yml`. Does not belong here: anything made from them.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Annotated, Literal

import yaml
from pydantic import Field

from pipelines.forms.model import MONTH, Strict


class MonthRange(Strict):
    first: str = Field(pattern=f"^{MONTH}$")
    last: str = Field(pattern=f"^{MONTH}$")


class Departments(Strict):
    science_office: str
    association: str
    statistics_office: str


class ContractShape(Strict):
    rows_per_unit: float
    turnover: tuple[Decimal, ...] = Field(min_length=12, max_length=12, description="亿元 by calendar month")
    size_spread: float
    types: dict[str, int]
    outside_buyers: tuple[str, ...]
    outside_buyer_share: float


class Cohort(Strict):
    year: int
    count: int
    issued_on: tuple[date, ...]
    renewed_of: int | None = None
    renewed: int = 0


class Revoked(Strict):
    cohort: int
    on: date


class CertificateShape(Strict):
    cohorts: tuple[Cohort, ...]
    renewed_share: float
    revoked: Revoked


class OnlineShape(Strict):
    share: float
    events: float
    attendance: float


MonthDay = Annotated[str, Field(pattern=r"^\d{2}-\d{2}$")]
ByMonth = Annotated[tuple[int, ...], Field(min_length=12, max_length=12)]
ByQuarter = Annotated[tuple[int, ...], Field(min_length=4, max_length=4)]


class SmeShape(Strict):
    """Enterprises by month of a year, and the days of the month and of the year on which it happens."""

    publicised: ByMonth
    publicised_on: tuple[int, ...]
    registered: ByMonth
    registered_on: int
    revoked_on: tuple[MonthDay, ...]


class FacilityShape(Strict):
    """Platforms or carriers.

    Attributes:
        recognised: by type and level, how many before 2021, in 2021, and in each quarter of every year from 2022 on.
        repeated: zones whose first one the county lists as well.
    """

    recognised: dict[str, dict[str, Annotated[tuple[int, ...], Field(min_length=6, max_length=6)]]]
    revoked_on: tuple[date, ...]
    repeated: int


class LoanShape(Strict):
    """Loans by month of a year, and what they add up to in 万元."""

    loans: ByMonth
    amount: ByMonth


class ProjectShape(Strict):
    """Projects by quarter of a year with their mean funds in 万元, or awards with the grades that take turns."""

    approved: ByQuarter
    funds: int | None = None
    grades: tuple[str, ...] = ()


class WorkShape(Strict):
    """What a unit of middling size does in a quarter.

    Attributes:
        share: of the units that have it at all.
        total: what it had at the end of 2021; None for what is held and does not stay.
        participants, times_each: of each time it is held, and how often one person takes part.
    """

    share: float = 1
    a_quarter: float
    total: int | None = None
    participants: float | None = None
    times_each: float = 1


class CommissionerShape(Strict):
    """Commissioners and groups in all counties together; what each commissioner does in a quarter."""

    commissioners: int
    service_groups: int
    trainings_each: float
    households_each: float


class IndustryShape(Strict):
    """Enterprises above the designated size in all counties together, of the first year; money in 亿元."""

    enterprises: int
    active: int
    with_institution: int
    rd_expenditure: Decimal
    operating_revenue: Decimal
    rd_personnel: int


class Shape(Strict):
    """`city.yml`, checked."""

    months: MonthRange
    departments: Departments
    division_prefix: str
    contracts: ContractShape
    certificates: CertificateShape
    events: dict[str, tuple[float, float, float]]
    online: OnlineShape
    unit_weights: dict[Literal["county", "zone"], float]
    smes: SmeShape
    platforms: FacilityShape
    carriers: FacilityShape
    loans: dict[str, LoanShape]
    projects: dict[str, ProjectShape]
    association_work: dict[str, WorkShape]
    commissioners: dict[str, CommissionerShape]
    industry_growth: Decimal
    industry: dict[str, IndustryShape]
    department_indicators: dict[str, dict[str, Decimal]]


@cache
def load_shape() -> Shape:
    """The shape of the practice city.

    Raises:
        pydantic.ValidationError: `city.yml` does not fit the model.
    """
    text = resources.files("pipelines.practice").joinpath("city.yml").read_text(encoding="utf-8")
    # BaseLoader leaves numbers as text, so that 6.9 becomes the decimal 6.9 and not the float beside it.
    return Shape.model_validate(yaml.load(text, Loader=yaml.BaseLoader))
