"""The wide tables `city_indicators` and `county_indicators`, written from the catalogue of indicators: one column an indicator.

Belongs here: which columns they have, and their SQL and descriptions. Does not belong here: values (core_observations).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.forms.dbt_measures import adds_over_months
from pipelines.forms.model import Form

STOCKS = ("stock", "year_stock")


@dataclass(frozen=True)
class WideColumn:
    """One column of the wide tables.

    Attributes:
        windows: of the observations it shows; no two of them have the same period.
        is_whole: whether its values are whole numbers.
        in_counties: whether areas within the city have values of their own.
    """

    name: str
    indicator_id: str
    windows: tuple[str, ...]
    is_whole: bool
    in_counties: bool
    description: str

    @property
    def type(self) -> str:
        return "bigint" if self.is_whole else "decimal(20,6)"

    @property
    def sql(self) -> str:
        windows = ", ".join(f"'{window}'" for window in self.windows)
        return f"cast({{{{ observed('{self.indicator_id}', [{windows}]) }}}} as {self.type}) as {self.name}"


def wide_columns(forms: Mapping[str, Form], indicators: Sequence[Mapping[str, str]]) -> list[WideColumn]:
    """The columns of all indicators that a form feeds, in the order of the catalogue."""
    return [column for row in indicators if row["source_form"] for column in _columns(forms[row["source_form"]], row)]


def _columns(form: Form, row: Mapping[str, str]) -> list[WideColumn]:
    is_whole = row["decimals"] == "0" and row["measure"] not in ("ratio", "growth_rate")
    in_counties = row["areas"] == "all"

    def column(suffix: str, windows: tuple[str, ...], what: str) -> WideColumn:
        description = f"{row['indicator_label']}（{row['unit']}），{what}"
        return WideColumn(row["indicator_id"] + suffix, row["indicator_id"], windows, is_whole, in_counties, description)

    if form.frequency == "annual":
        return [column("", ("year",), "年末" if row["measure"] in STOCKS else "全年")]
    if row["measure"] in STOCKS:
        return [column("", ("point",), "期末")]
    native, label = ("quarter", "当季") if form.frequency == "quarterly" else ("month", "当月")
    measures = [measure for measure in form.measures if measure.indicator == row["indicator_id"]]
    if not all(adds_over_months(form, measure) for measure in measures):
        return [column("", (native,), f"{label}，不能累计")]
    return [column("", (native, "year"), f"{label}；在年份的行为全年"), column("_ytd", ("ytd",), "年初累计")]


def city_model(columns: Sequence[WideColumn]) -> str:
    """The SQL of `city_indicators`."""
    return _model(columns, area="", joined="", hierarchy="city", grouped="")


def county_model(columns: Sequence[WideColumn]) -> str:
    """The SQL of `county_indicators`."""
    return _model(
        [column for column in columns if column.in_counties],
        area="    cast(observations.area_id as varchar) as area_id,\n    cast(areas.area_name as varchar) as area_name,\n"
        "    cast(areas.area_kind as varchar) as area_kind,\n",
        joined="inner join {{ ref('core_areas') }} as areas\n"
        "    on areas.area_id = observations.area_id and areas.area_kind <> 'city'\n",
        hierarchy="reported",
        grouped="observations.area_id, areas.area_name, areas.area_kind, ",
    )


def _model(columns: Sequence[WideColumn], *, area: str, joined: str, hierarchy: str, grouped: str) -> str:
    values = "".join(f"    {column.sql},\n" for column in columns)
    return (
        "select\n    cast({{ period_of('observations.month', 'observations.window_kind') }} as varchar) as period_id,\n"
        "    cast(case when observations.window_kind = 'year' then 'year' else 'month' end as varchar) as period_kind,\n"
        f"    cast({{{{ first_day('max(observations.month)') }}}} as date) as month_on,\n{area}{values}{_COUNTS}"
        f"from {{{{ ref('core_observations') }}}} as observations\n{joined}"
        f"where observations.hierarchy = '{hierarchy}'\ngroup by 1, 2, {grouped}observations.is_practice\n"
    )


_COUNTS = (
    "    cast(sum(case when observations.obs_status = 'P' then 1 else 0 end) as integer) as provisional_count,\n"
    "    cast(sum(case when observations.obs_status = 'M' then 1 else 0 end) as integer) as missing_count,\n"
    "    cast(observations.is_practice as boolean) as is_practice\n"
)
_KEYS = {
    "period_id": ("varchar", "月份 YYYY-MM 或年份 YYYY"),
    "period_kind": ("varchar", "月 month 或年 year；年份的行只有年报指标和已满一年的全年数"),
    "month_on": ("date", "该月（年份的行为十二月）第一天，便于作图"),
}
_AREA = {
    "area_id": ("varchar", "地区"),
    "area_name": ("varchar", "地区名称"),
    "area_kind": ("varchar", "地区类别：county 县（市、区），zone 功能区"),
}
_LAST = {
    "provisional_count": ("integer", "其中暂定的指标数"),
    "missing_count": ("integer", "其中缺数的指标数"),
    "is_practice": ("boolean", "是否练习数据"),
}


def wide_yaml(columns: Sequence[WideColumn]) -> dict[str, Any]:
    """The dbt properties of both tables."""
    values = {column.name: (column.type, column.description) for column in columns}
    in_counties = {column.name: (column.type, column.description) for column in columns if column.in_counties}
    return {
        "models": [
            _table("city_indicators", "全市指标宽表：一月（或年）一行，一个指标一列", ["period_id"], _KEYS | values | _LAST),
            _table(
                "county_indicators",
                "各填报地区指标宽表：一月（或年）一个地区一行，一个指标一列；不含部门所报，比率不能相加",
                ["period_id", "area_id"],
                _KEYS | _AREA | in_counties | _LAST,
            ),
        ]
    }


def _table(name: str, description: str, key: list[str], columns: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    filled = {*_KEYS, *_AREA, *_LAST}
    return {
        "name": name,
        "description": description,
        "constraints": [{"type": "primary_key", "columns": key}],
        "columns": [
            {"name": column, "data_type": kind, "description": what}
            | ({"constraints": [{"type": "not_null"}]} if column in filled else {})
            for column, (kind, what) in columns.items()
        ],
    }
