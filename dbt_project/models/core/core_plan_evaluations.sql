-- Every plan target measured from every baseline that may count and at every value that may be the latest.
-- Growth is compound from the base year; R = observed over required growth (Open SDG), cut in the macro plan_class. Rules:
--   an average annual rate is not compounded: R = mean of the complete years' rates over the target rate;
--   a part year's flow, and a total (a stock's too) with submissions missing, is a lower bound: it proves at most that the
--     top class is reached, otherwise the verdict is open; a part year is never set against a full base year in any other way;
--   a stock's growth is measured over the months from the end of the base year;
--   no growth can be required from a base that is not positive, nor by a target that does not improve on its base.
with targets as (
    select
        targets.target_id,
        cast(targets.plan_row as integer) as plan_row,
        targets.indicator_id,
        cast(targets.baseline_value as decimal(20,6)) as baseline_value,
        cast(targets.baseline_year as integer) as baseline_year,
        targets.baseline_figure_id,
        cast(targets.target_value as decimal(20,6)) as target_value,
        cast(targets.target_year as integer) as target_year,
        targets.target_window,
        targets.comparator,
        coalesce(indicators.direction, 'increase') as direction
    from {{ ref('plan_targets') }} as targets
    left join {{ ref('core_indicators') }} as indicators on indicators.indicator_id = targets.indicator_id
    where targets.plan_row is not null
),

-- Another figure for the same quantity whose interval does not meet the baseline's is a second baseline.
rival_baselines as (
    select
        targets.target_id,
        rivals.level_value as baseline_value,
        min(rivals.figure_id) as baseline_figure_id
    from targets
    inner join {{ ref('core_figures') }} as own on own.figure_id = targets.baseline_figure_id
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
    where rivals.level_value is not null
    group by targets.target_id, rivals.level_value
),

baselines as (
    select target_id, baseline_value, baseline_figure_id, true as is_plan_baseline from targets
    union all
    select target_id, baseline_value, baseline_figure_id, false as is_plan_baseline from rival_baselines
),

city_values as (
    select
        observations.indicator_id,
        observations.month,
        cast(substring(observations.month, 1, 4) as integer) as year,
        cast(substring(observations.month, 6, 2) as integer) as month_of_year,
        observations.window_kind,
        observations.value,
        observations.obs_status,
        observations.expected_submission_count - observations.submission_count + observations.stale_submission_count as missing_count,
        row_number() over (
            partition by observations.indicator_id, observations.window_kind order by observations.month desc
        ) as age
    from {{ ref('core_observations') }} as observations
    where observations.hierarchy = 'city' and observations.value is not null and observations.window_kind in ('point', 'ytd')
),

latest_values as (
    select indicator_id, month, year, month_of_year, window_kind, value, obs_status, missing_count,
        case when window_kind = 'ytd' and month_of_year = 12 and obs_status = 'A' then 'year' else window_kind end as latest_window
    from city_values
    where age = 1
    union all
    select indicator_id, month, year, month_of_year, window_kind, value, obs_status, missing_count, 'year' as latest_window
    from city_values
    where age > 1 and window_kind = 'ytd' and month_of_year = 12 and obs_status = 'A'
),

candidates as (
    select
        targets.target_id,
        targets.plan_row,
        targets.indicator_id,
        targets.target_window,
        targets.direction,
        targets.comparator,
        targets.baseline_year,
        targets.target_year,
        cast(targets.target_value as double) as target_value,
        cast(baselines.baseline_value as double) as base,
        baselines.baseline_value,
        baselines.baseline_figure_id,
        baselines.is_plan_baseline,
        latest_values.month as latest_month,
        latest_values.latest_window,
        latest_values.value as latest_value,
        latest_values.obs_status as latest_status,
        latest_values.missing_count,
        latest_values.latest_window = 'ytd' or latest_values.missing_count > 0 as is_lower_bound,
        targets.target_year - targets.baseline_year as plan_years,
        case
            when latest_values.window_kind = 'point'
                then (latest_values.year - targets.baseline_year) + (latest_values.month_of_year - 12) / cast(12 as double)
            else cast(latest_values.year - targets.baseline_year as double)
        end as elapsed_years,
        avg(case when latest_values.latest_window = 'year' and latest_values.year > targets.baseline_year
                 then cast(latest_values.value as double) end)
            over (partition by targets.target_id, baselines.baseline_figure_id) as mean_annual_value
    from targets
    inner join baselines on baselines.target_id = targets.target_id
    left join latest_values on latest_values.indicator_id = targets.indicator_id
),

growths as (
    select
        *,
        case
            when target_window = 'annual_rate' then target_value / 100
            when base > 0 and target_value > 0 and plan_years > 0 then power(target_value / base, 1 / cast(plan_years as double)) - 1
        end as required_growth,
        case
            when target_window = 'annual_rate' then mean_annual_value / 100
            when base > 0 and latest_value >= 0 and elapsed_years > 0
                then power(cast(latest_value as double) / base, 1 / elapsed_years) - 1
        end as observed_growth,
        case
            when target_window = 'annual_rate' then false
            when direction = 'decrease' and is_lower_bound then false
            when direction = 'decrease' then latest_value <= target_value
            when comparator = '>' then latest_value > target_value
            else latest_value >= target_value
        end as is_met
    from candidates
),

ratios as (
    select
        *,
        case
            when target_window <> 'annual_rate' and direction = 'decrease' and required_growth >= 0 then null
            when direction <> 'decrease' and required_growth <= 0 then null
            else observed_growth / required_growth
        end as ratio
    from growths
)

select
    target_id,
    plan_row,
    indicator_id,
    baseline_value,
    baseline_figure_id,
    is_plan_baseline,
    latest_month,
    latest_window,
    latest_value,
    latest_status,
    missing_count,
    is_lower_bound,
    required_growth,
    observed_growth,
    ratio,
    case
        when latest_value is null then 'no_data'
        when is_met then 'achieved'
        when is_lower_bound and (direction = 'decrease' or ratio is null or ratio < 0.95) then 'undetermined'
        else {{ plan_class('ratio') }}
    end as class
from ratios
