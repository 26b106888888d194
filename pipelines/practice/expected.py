"""What the warehouse must find in the practice data: the figures of each period, and the ratios made of them.

Belongs here: the second half of the plain-Python oracle that integration tests compare released figures with. Does not belong
here: which rows count (`counted`), or anything shared with the pipeline that is being tested.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from pipelines.practice.city import month_bounds, quarter_bounds
from pipelines.practice.counted import FIGURES, WORK_SO_FAR, ByUnit, Figure, Figures

Found = dict[str, Figures]  # by form, of the forms that were reported
Expected = dict[str, dict[str, dict[str, Figure]]]  # indicator -> period -> window -> figure
# What there is at the end of a period; everything else is what happened in it.
STOCKS = {
    *("high_tech_enterprises", "high_tech_enterprises_expiring", "tech_smes", "tech_smes_with_publicised"),
    *("innovation_platforms", "provincial_innovation_platforms", "new_rd_institutions", "provincial_intl_joint_labs"),
    *("provincial_tech_transfer_orgs", "industry_innovation_alliances", "innovation_carriers", "incubated_enterprises"),
    *("society_service_stations", "kepu_china_communicators", "kczg_platform_entities"),
    *("st_commissioners", "st_commissioner_service_groups", "counties_covered"),
}
# The same household may be served, the same person take part in every quarter.
NOT_ADDED = {"st_commissioner_households", "science_literacy_contest_participants"}
# Ratio -> numerator, denominator, factor.
RATIOS = {
    "average_contract_value": ("tech_contract_turnover", "tech_contract_count", 10_000),
    "attendance_per_event": ("science_popularisation_attendances", "science_popularisation_events", 1),
    "above_scale_rd_revenue_ratio": ("above_scale_rd_expenditure", "above_scale_operating_revenue", 100),
    "above_scale_rd_activity_coverage": ("above_scale_rd_active_enterprises", "above_scale_industrial_enterprises", 100),
    "above_scale_rd_institution_coverage": ("above_scale_rd_institution_enterprises", "above_scale_industrial_enterprises", 100),
}


def month_figures(month: str, accepted: Mapping[str, ByUnit], frequency: Mapping[str, str]) -> Found:
    """The figures of the periods that end with the month.

    Args:
        accepted: by form and reporting unit, the accepted rows, repeats between units still in them.
        frequency: by form, how often it is reported.
    """
    return {
        form: FIGURES[form](by_unit, *(quarter_bounds(month) if frequency[form] == "quarterly" else month_bounds(month)))
        for form, by_unit in accepted.items()
    }


def by_period(found: Mapping[str, Found], frequency: Mapping[str, str]) -> Expected:
    """Indicator -> period -> `year` for what an annual form says of the year before, `point` for a stock, otherwise `month` or
    `quarter` and `ytd`, which adds up from the first month of the year that is there.

    Args:
        found: by month in their order, what `month_figures` made of each.
    """
    expected: Expected = {}
    for month, forms in found.items():
        for form, figures in forms.items():
            for indicator, figure in figures.items():
                earlier = expected.setdefault(indicator, {})
                if frequency[form] == "annual":
                    earlier[str(int(month[:4]) - 1)] = {"year": figure}
                elif indicator in STOCKS:
                    earlier[month] = {"point": figure}
                else:
                    window = "quarter" if frequency[form] == "quarterly" else "month"
                    earlier[month] = _flow(indicator, month, window, figure, earlier)
    return expected | _ratios(expected)


def _flow(indicator: str, month: str, window: str, figure: Figure, earlier: Mapping[str, Mapping[str, Figure]]) -> Figures:
    before = [windows for period, windows in earlier.items() if period[:4] == month[:4]]
    if indicator in WORK_SO_FAR:
        if not before and month[5:] > "03":
            return {"ytd": figure}  # how much of it is older is not known
        return {window: figure - (before[-1]["ytd"] if before else 0), "ytd": figure}
    if indicator in NOT_ADDED:
        return {window: figure}
    return {window: figure, "ytd": sum((windows[window] for windows in before), figure)}


def _ratios(expected: Expected) -> Expected:
    return {
        ratio: {
            period: {window: Decimal(figure) / expected[below][period][window] * factor for window, figure in windows.items()}
            for period, windows in expected[above].items()
        }
        for ratio, (above, below, factor) in RATIOS.items()
        if above in expected
    }
