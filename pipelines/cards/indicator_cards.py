"""The table `indicator_cards`: the latest figures of every computed indicator of the city, with all one needs to quote them.

Belongs here: gathering what the built warehouse and the stages after it know of a figure, and the published table. Does not
belong here: the words (`sentences`).
"""

from __future__ import annotations

from dataclasses import asdict

import duckdb

from pipelines.cards.sentences import STATUS_LABELS, Figure, caution_of, estimate_text_of, plan_text_of, text_of
from pipelines.parquet import write_rows
from pipelines.settings import Settings
from pipelines.tables import Column, ResultTable

# Percent, in the backtest: an estimate further off is in its table, for those who know what they read, and on no card.
LARGEST_QUOTED_ERROR = 20

CARD_TABLE = ResultTable(
    "indicator_cards",
    "指标卡：由报表算出的指标、全市、最近一期、时间窗口一行；引用一个数所需要知道的都在这里",
    (
        Column("indicator_id", "VARCHAR", "指标编号", nullable=False),
        Column("indicator_label", "VARCHAR", "指标名称", nullable=False),
        Column("area_id", "VARCHAR", "地区：市", nullable=False),
        Column("period_id", "VARCHAR", "时期：该指标最近的一期", nullable=False),
        Column(
            "window_kind",
            "VARCHAR",
            "时间窗口：month 当月、quarter 当季、ytd 当年累计、point 期末、year 全年",
            nullable=False,
        ),
        Column("value", "DECIMAL(20,6)", "值；缺或只知道范围则空"),
        Column("value_low", "DECIMAL(20,6)", "下限，确切时同值"),
        Column("value_high", "DECIMAL(20,6)", "上限，确切时同值"),
        Column("unit", "VARCHAR", "计量单位", nullable=False),
        Column("obs_status", "VARCHAR", "状态（SDMX）：A 正式、P 暂定、E 只知道范围、M 缺", nullable=False),
        Column("status_label", "VARCHAR", "状态的中文名称", nullable=False),
        Column("text", "VARCHAR", "可以直接引用的一句话；练习数据以【练习数据】开头，不得引用", nullable=False),
        Column("definition", "VARCHAR", "口径", nullable=False),
        Column("caution", "VARCHAR", "引用时须注意什么；没有则空"),
        Column("source", "VARCHAR", "来源：报表和汇总办法", nullable=False),
        Column("responsible_unit", "VARCHAR", "责任单位：口径问它", nullable=False),
        Column("units_to_ask", "VARCHAR", "这个数还要问哪些填报单位：未报或被退回的，或有警告没有说明的；没有则空"),
        Column("submission_count", "INTEGER", "已计入的报送份数", nullable=False),
        Column("expected_submission_count", "INTEGER", "应有的报送份数", nullable=False),
        Column("missing_units", "VARCHAR", "未报或报送被退回的填报单位；没有则空"),
        Column("open_warnings", "INTEGER", "所依据的报送中须说明而未说明的警告条数", nullable=False),
        Column("vintage", "INTEGER", "数据版次：这个数第几个版本", nullable=False),
        Column("known_from", "TIMESTAMP", "现在这个版次自何时起可知（装载时间，UTC）", nullable=False),
        Column("previous_value", "DECIMAL(20,6)", "修订前的值；没有修订过，或此前没有值，则空"),
        Column("revision_reason", "VARCHAR", "最近一次修订的原因和填报单位；没有修订过则空"),
        Column("conflicts", "INTEGER", "这个指标或其另一口径的公布数之间尚未裁定的矛盾数", nullable=False),
        Column("conflict_ids", "VARCHAR", "这些矛盾的编号，空格分隔，见 conflicts；没有则空"),
        Column("plan_text", "VARCHAR", "与各项规划目标对照的结论，见 plan_progress；没有目标则空"),
        Column(
            "estimate_text",
            "VARCHAR",
            f"全年预计，见 full_year_estimates；不估计、检验次数不够或平均相差 {LARGEST_QUOTED_ERROR}% 以上则空",
        ),
        Column("is_practice", "BOOLEAN", "是否练习数据", nullable=False),
    ),
    ("indicator_id", "area_id", "period_id", "window_kind"),
)

# What the stages before have found.
_RESULTS = ("conflicts", "conflict_members", "full_year_estimates")

# One row a figure, its columns those of `Figure`.
_FIGURES = """
WITH observed AS (
    SELECT *, left(period_id || '-12', 7) AS month FROM marts.observations WHERE hierarchy = 'city'
),

latest AS (
    SELECT * FROM observed QUALIFY month = max(month) OVER (PARTITION BY indicator_id, area_id)
),

-- A ratio rests on the reports that its numerator and denominator are added up from.
made_of AS (
    SELECT indicator_id, unnest([coalesce(numerator_id, indicator_id), coalesce(denominator_id, indicator_id)]) AS part_id
    FROM marts.dim_indicator
),

reports AS (
    SELECT
        latest.indicator_id, latest.area_id, latest.window_kind,
        parts.form, parts.reporting_unit_id, parts.month, parts.report_month,
        bool_or(parts.is_city_figure) AS is_city_figure,
        bool_or(parts.is_expected AND NOT parts.is_covered AND NOT parts.is_city_figure) AS is_missing,
        bool_or(parts.is_stale) AS is_stale,
        bool_or(parts.is_open) AS is_open
    FROM latest
    INNER JOIN made_of ON made_of.indicator_id = latest.indicator_id
    INNER JOIN core.core_area_parts AS parts
        ON parts.indicator_id = made_of.part_id
        AND parts.hierarchy = latest.hierarchy
        AND parts.area_id = latest.area_id
        AND parts.part = 'own'
        AND parts.month <= latest.month
        AND (parts.month = latest.month OR latest.window_kind IN ('ytd', 'year') AND parts.month >= left(latest.month, 4))
    GROUP BY ALL
),

by_unit AS (
    SELECT
        reports.indicator_id, reports.area_id, reports.window_kind, units.reporting_unit_id, units.reporting_unit_name,
        units.is_listed_separately,
        bool_or(reports.is_city_figure) AS is_city_figure,
        count(*) FILTER (reports.is_missing) AS missing_count,
        count(*) FILTER (reports.is_missing AND reports.is_stale) AS stale_count,
        count(*) FILTER (reports.is_open) AS open_count,
        coalesce(sum(status.open_count) FILTER (reports.is_open), 0) AS open_warnings
    FROM reports
    INNER JOIN core.core_reporting_units AS units ON units.reporting_unit_id = reports.reporting_unit_id
    LEFT JOIN core.core_submission_status AS status
        ON status.form = reports.form
        AND status.reporting_unit_id = reports.reporting_unit_id
        AND status.month = reports.report_month
    GROUP BY ALL
),

asked AS (
    SELECT
        indicator_id, area_id, window_kind,
        bool_or(is_city_figure) AS is_city_figure,
        bool_or(is_listed_separately) AS asks_separate_areas,
        sum(missing_count)::INTEGER AS missing_count,
        sum(stale_count)::INTEGER AS stale_count,
        sum(open_count)::INTEGER AS open_count,
        sum(open_warnings)::INTEGER AS open_warnings,
        string_agg(reporting_unit_name, '、' ORDER BY reporting_unit_id) FILTER (missing_count > 0) AS missing_units,
        string_agg(reporting_unit_name, '、' ORDER BY reporting_unit_id) FILTER (missing_count + open_count > 0) AS units_to_ask
    FROM by_unit
    GROUP BY ALL
),

-- An indicator and its other definitions are one family.
families AS (
    SELECT indicator_id, indicator_label, coalesce(variant_of, indicator_id) AS family FROM marts.dim_indicator
),

other_definitions AS (
    SELECT families.indicator_id, string_agg(others.indicator_label, '、' ORDER BY others.indicator_id) AS other_definitions
    FROM families
    INNER JOIN families AS others ON others.family = families.family AND others.indicator_id <> families.indicator_id
    GROUP BY ALL
),

disputed AS (
    SELECT families.family, count(DISTINCT conflict_id)::INTEGER AS conflicts,
        string_agg(DISTINCT conflict_id, ' ' ORDER BY conflict_id) AS conflict_ids
    FROM read_parquet($conflicts) AS conflicts
    INNER JOIN read_parquet($conflict_members) AS members USING (conflict_id)
    INNER JOIN marts.published_figures AS figures USING (figure_id)
    INNER JOIN families ON families.indicator_id = figures.indicator_id
    WHERE conflicts.category = 'contradiction' AND conflicts.state <> 'ruled'
    GROUP BY ALL
),

documents AS (
    SELECT DISTINCT document_id, document_title FROM marts.published_figures
),

planned AS (
    SELECT
        measured_indicator_id AS indicator_id,
        list(
            struct_pack(document_title, target_year, target_value, unit, comparator_as_written, class_reason) ORDER BY target_id
        ) AS targets
    FROM marts.plan_progress
    INNER JOIN documents USING (document_id)
    GROUP BY ALL
),

estimated AS (
    SELECT indicator_id, area_id, year, note FROM read_parquet($full_year_estimates)
    WHERE is_chosen AND lower IS NOT NULL AND backtest_error < $largest_quoted_error
),

separate AS (
    SELECT string_agg(area_name, '、' ORDER BY area_id) AS separate_areas FROM core.core_areas WHERE is_listed_separately
)

SELECT
    latest.indicator_id, indicators.indicator_label, indicators.quoted_as, latest.area_id, latest.period_id, latest.window_kind,
    latest.month,
    latest.value, latest.value_low, latest.value_high, latest.unit, indicators.decimals, latest.obs_status, indicators.measure,
    indicators.definition, indicators.responsible_unit, forms.form_title, latest.basis,
    list_max(list_filter(string_split(indicators.breaks, ' '), changed -> changed <= latest.month)) AS latest_break,
    other_definitions.other_definitions,
    asked.is_city_figure,
    separate.separate_areas,
    CASE WHEN latest.includes_dengzhou OR asked.asks_separate_areas THEN latest.includes_dengzhou END AS includes_separate_areas,
    latest.zones_included, latest.submission_count, latest.expected_submission_count,
    asked.missing_count, asked.stale_count, asked.open_count, asked.missing_units, asked.units_to_ask, asked.open_warnings,
    growth.growth, growth.growth_unit, growth.is_provisional AS is_growth_provisional,
    vintages.vintage, vintages.known_from,
    revisions.previous_value, nullif(concat_ws('，', revisions.reason_label, revisions.sender_names), '') AS revision_reason,
    disputed.conflict_ids, coalesce(disputed.conflicts, 0) AS conflicts,
    coalesce(planned.targets, []) AS targets,
    estimated.note AS estimate,
    latest.is_practice
FROM latest
INNER JOIN core.core_indicators AS indicators USING (indicator_id)
INNER JOIN core.core_forms AS forms ON forms.form = indicators.source_form
INNER JOIN families USING (indicator_id)
INNER JOIN asked USING (indicator_id, area_id, window_kind)
INNER JOIN marts.observation_vintages AS vintages
    ON vintages.known_to IS NULL
    AND (vintages.indicator_id, vintages.hierarchy, vintages.area_id, vintages.period_id, vintages.window_kind)
    = (latest.indicator_id, latest.hierarchy, latest.area_id, latest.period_id, latest.window_kind)
LEFT JOIN marts.revisions AS revisions
    ON revisions.vintage = vintages.vintage
    AND (revisions.indicator_id, revisions.hierarchy, revisions.area_id, revisions.period_id, revisions.window_kind)
    = (latest.indicator_id, latest.hierarchy, latest.area_id, latest.period_id, latest.window_kind)
LEFT JOIN marts.indicator_growth AS growth
    ON (growth.indicator_id, growth.hierarchy, growth.area_id, growth.period_id, growth.window_kind)
    = (latest.indicator_id, latest.hierarchy, latest.area_id, latest.period_id, latest.window_kind)
LEFT JOIN other_definitions USING (indicator_id)
LEFT JOIN disputed USING (family)
LEFT JOIN planned USING (indicator_id)
LEFT JOIN estimated
    ON estimated.indicator_id = latest.indicator_id AND estimated.area_id = latest.area_id
    AND estimated.year = left(latest.month, 4)::INTEGER
CROSS JOIN separate
ORDER BY latest.indicator_id, latest.area_id, latest.window_kind
"""


def make_cards(settings: Settings) -> list[dict[str, object]]:
    """Make the cards of the built warehouse and write `indicator_cards.parquet` under results.

    Returns:
        The rows written, as `CARD_TABLE` describes them.

    Raises:
        duckdb.Error: the warehouse is not built, or conflicts or estimates have not been looked for.
    """
    cards = [card_of(figure) for figure in read_figures(settings)]
    columns = {column.name: column.type for column in CARD_TABLE.columns}
    write_rows(settings.results / f"{CARD_TABLE.name}.parquet", columns, cards)
    return cards


def read_figures(settings: Settings) -> list[Figure]:
    """The city's figures of the latest period of each indicator, in every window there is of it."""
    parameters = {name: str(settings.results / f"{name}.parquet") for name in _RESULTS}
    parameters |= {"largest_quoted_error": LARGEST_QUOTED_ERROR}
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        found = connection.execute(_FIGURES, parameters)
        names = [column[0] for column in found.description]
        return [Figure(**dict(zip(names, row, strict=True))) for row in found.fetchall()]


def card_of(figure: Figure) -> dict[str, object]:
    """The row of `CARD_TABLE` for one figure; what the table has no column for is left to `write_rows` to leave out."""
    return asdict(figure) | {
        "status_label": STATUS_LABELS[figure.obs_status],
        "text": text_of(figure),
        "caution": caution_of(figure),
        "source": f"{figure.form_title}，{figure.basis}",
        "plan_text": plan_text_of(figure),
        "estimate_text": estimate_text_of(figure),
    }
