-- What is judged: every target as it is written, and again with one thing changed: another baseline, the least and the most that
-- the printed baseline may have been before it was rounded, another definition of the indicator, the other reading of an ambiguous
-- wording. A case goes from `start_value` to `goal_value` on one scale:
--   a level, a coverage, a rank or an order of magnitude (its lower end) starts from the baseline;
--   a multiple is measured through the indicator of its baseline, as value over baseline, and starts from 1;
--   an increment starts from 0 at the end of the base year; an average annual rate and a relative level have no start.
-- Its path is compound where growth can be required; linear for increments, coverages, ranks, percentages (in points) and from a
-- base that is not positive; `rate` for average annual rates; `none` without a start or a year, or with no number to reach.
-- 左右 (~) is reached from 5 % below the target and nearly reached from 10 % below it (domain convention B8).
with targets as (
    select
        targets.target_id,
        coalesce(case when targets.target_window = 'multiple' then figures.indicator_id end, targets.indicator_id)
            as measured_indicator_id,
        targets.target_window,
        targets.comparator = '~' and targets.target_window <> 'order_of_magnitude' as is_about,
        targets.comparator in ('>', '<') as is_strict,
        targets.unit,
        case
            when rulings.figure_id is null then cast(targets.baseline_value as decimal(20,6))
            else standing.level_value
        end as baseline_value,
        cast(targets.baseline_year as integer) as baseline_year,
        case when rulings.figure_id is null then targets.baseline_figure_id else rulings.standing_figure_id end as baseline_figure_id,
        cast(targets.target_value as decimal(20,6)) as target_value,
        cast(targets.target_year as integer) as target_year
    from {{ ref('plan_targets') }} as targets
    left join {{ ref('core_figures') }} as figures on figures.figure_id = targets.baseline_figure_id
    -- What the office has ruled out is no baseline, neither the printed one nor a rival.
    left join {{ ref('stg_figure_rulings') }} as rulings on rulings.figure_id = targets.baseline_figure_id
    left join {{ ref('core_figures') }} as standing on standing.figure_id = rulings.standing_figure_id
),

readings as (
    select
        targets.*,
        case
            when targets.target_window = 'order_of_magnitude' then 'level'
            when targets.target_window <> 'level_or_increment' then targets.target_window
            when indicators.measure in ('stock', 'year_stock') then 'level'
            else 'increment'
        end as reading
    from targets
    left join {{ ref('core_indicators') }} as indicators on indicators.indicator_id = targets.measured_indicator_id
),

-- Another figure for the same quantity whose interval does not meet the baseline's is a second baseline.
rival_baselines as (
    select
        readings.target_id,
        rivals.level_value as baseline_value,
        min(rivals.figure_id) as baseline_figure_id
    from readings
    inner join {{ ref('core_figures') }} as own on own.figure_id = readings.baseline_figure_id
    inner join {{ ref('core_figures') }} as rivals
        on rivals.indicator_id = own.indicator_id
        and coalesce(rivals.scope, '') = coalesce(own.scope, '')
        and rivals.area = own.area
        and rivals.period = own.period
        and rivals.nature in ('actual', 'baseline')
        and (
            rivals.upper < own.lower
            or rivals.lower > own.upper
            or (rivals.upper = own.lower and not (rivals.is_upper_closed and own.is_lower_closed))
            or (rivals.lower = own.upper and not (rivals.is_lower_closed and own.is_upper_closed))
        )
    left join {{ ref('stg_figure_rulings') }} as rulings on rulings.figure_id = rivals.figure_id
    where rivals.level_value is not null and rulings.figure_id is null
        and readings.reading in ('level', 'multiple', 'coverage', 'rank')
    group by readings.target_id, rivals.level_value
),

roundings as (
    select readings.target_id, edges.case_key, case edges.case_key when 'lower' then own.lower else own.upper end as baseline_value
    from readings
    inner join {{ ref('core_figures') }} as own
        on own.figure_id = readings.baseline_figure_id and own.lower < own.upper and own.level_value = readings.baseline_value
    cross join (values ('lower'), ('upper')) as edges (case_key)
    where readings.reading in ('level', 'multiple', 'coverage')
),

cases as (
    select target_id, 'own' as case_kind, target_id as case_key,
        measured_indicator_id, reading, baseline_value, baseline_figure_id
    from readings
    union all
    select readings.target_id, 'baseline' as case_kind, rivals.baseline_figure_id as case_key,
        readings.measured_indicator_id, readings.reading, rivals.baseline_value, rivals.baseline_figure_id
    from readings
    inner join rival_baselines as rivals on rivals.target_id = readings.target_id
    union all
    select readings.target_id, 'rounding' as case_kind, roundings.case_key,
        readings.measured_indicator_id, readings.reading, roundings.baseline_value, readings.baseline_figure_id
    from readings
    inner join roundings on roundings.target_id = readings.target_id
    union all
    select readings.target_id, 'definition' as case_kind, variants.indicator_id as case_key,
        variants.indicator_id as measured_indicator_id, readings.reading, readings.baseline_value, readings.baseline_figure_id
    from readings
    inner join {{ ref('core_indicators') }} as variants on variants.variant_of = readings.measured_indicator_id
    union all
    select target_id, 'reading' as case_kind, 'increment' as case_key,
        measured_indicator_id, 'increment' as reading, baseline_value, baseline_figure_id
    from readings
    where target_window = 'level_or_increment' and reading = 'level'
),

scaled as (
    select
        cases.target_id,
        cases.case_kind,
        cases.case_key,
        cases.measured_indicator_id,
        indicators.measure,
        coalesce(indicators.direction, 'increase') as direction,
        cases.reading,
        readings.unit,
        cases.baseline_value,
        readings.baseline_year,
        cases.baseline_figure_id,
        readings.target_value,
        readings.target_year,
        readings.target_year - readings.baseline_year as plan_years,
        readings.is_about,
        readings.is_strict,
        cast(
            case
                when cases.reading = 'increment' then 0
                when cases.reading = 'multiple' then case when cases.baseline_value > 0 then 1 end
                when cases.reading not in ('annual_rate', 'relative_level') then cases.baseline_value
            end as double
        ) as start_value,
        cast(readings.target_value as double) as goal_value
    from cases
    inner join readings on readings.target_id = cases.target_id
    left join {{ ref('core_indicators') }} as indicators on indicators.indicator_id = cases.measured_indicator_id
)

select
    *,
    case
        when is_about and direction = 'decrease' then goal_value * 1.05
        when is_about then goal_value * 0.95
        else goal_value
    end as met_from,
    case when is_about then goal_value * case when direction = 'decrease' then 1.10 else 0.90 end end as nearly_met_from,
    coalesce(case when direction = 'decrease' then start_value <= goal_value else start_value >= goal_value end, false)
        as is_met_at_base,
    case
        when reading = 'annual_rate' then 'rate'
        when start_value is null or goal_value is null or plan_years is null or plan_years <= 0 then 'none'
        when reading in ('increment', 'coverage', 'rank') or unit = '%' or start_value <= 0 or goal_value <= 0 then 'linear'
        else 'compound'
    end as path_kind
from scaled
