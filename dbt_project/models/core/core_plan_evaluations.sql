-- Every candidate judged: where its path would have it by now, how it grows against how it should (R), and when it would be there.
-- R = observed over required growth (Open SDG), cut in the macro plan_class: compound yearly growth, or change per year on a
-- linear path, or the mean rate over the target rate. Rules:
--   what is at least there proves at most that the target is met or the top class reached, otherwise the verdict is open;
--   a target no better than its baseline requires nothing: it is met, or was met and has been lost again;
--   once the target year is over, nothing short of the target is on track any more; an average rate is met only then.
with growths as (
    select
        *,
        case path_kind
            when 'compound' then power(goal_value / start_value, 1 / cast(plan_years as double)) - 1
            when 'rate' then goal_value / 100
        end as required_growth,
        case
            when path_kind = 'rate' then latest_value / 100
            when path_kind = 'compound' and latest_value >= 0
                then power(latest_value / start_value, 1 / cast(elapsed_years as double)) - 1
        end as observed_growth,
        case when path_kind = 'linear' then (goal_value - start_value) / plan_years end as required_change,
        case when path_kind = 'linear' then (latest_value - start_value) / elapsed_years end as observed_change,
        case
            when path_kind in ('linear', 'compound')
                then start_value + (goal_value - start_value) * elapsed_years / plan_years
        end as linear_path_value,
        case
            when path_kind = 'compound'
                then start_value * power(goal_value / start_value, elapsed_years / cast(plan_years as double))
        end as compound_path_value,
        coalesce(elapsed_years >= plan_years and latest_window <> 'ytd', false) as is_due
    from {{ ref('core_plan_candidates') }}
),

ratios as (
    select
        *,
        case
            when is_met_at_base then null
            when path_kind = 'linear' then observed_change / nullif(required_change, 0)
            else observed_growth / nullif(required_growth, 0)
        end as ratio,
        case
            when certainty = 'open' or (direction = 'decrease' and certainty = 'at_least') then false
            when path_kind = 'rate' then latest_value >= met_from and is_due
            when direction = 'decrease' and is_strict then latest_value < met_from
            when direction = 'decrease' then latest_value <= met_from
            when is_strict then latest_value > met_from
            else latest_value >= met_from
        end as is_met,
        case
            when direction = 'decrease' then latest_value <= nearly_met_from and certainty = 'exact'
            else latest_value >= nearly_met_from
        end as is_nearly_met
    from growths
),

-- Why no verdict is possible, the first that applies; null where one is. What is met needs no path.
judgeable as (
    select
        *,
        case
            when reading = 'relative_level' then 'no_reference'
            when latest_month is null or is_met then null
            when certainty = 'open' then 'incomplete'
            when is_nearly_met then null
            when path_kind <> 'rate' and (start_value is null or latest_value is null) then 'no_baseline'
            when target_year is null then 'no_target_year'
            when is_met_at_base and certainty = 'exact' then null
            when certainty = 'at_least' and (direction = 'decrease' or ratio is null or ratio < 0.95 or is_due) then 'lower_bound'
            when ratio is null then 'no_growth'
        end as undetermined_because
    from ratios
),

classes as (
    select
        *,
        case
            when undetermined_because is not null then 'undetermined'
            when latest_month is null then 'no_data'
            when is_met then 'achieved'
            when is_met_at_base then 'deteriorating'
            when is_due and (is_nearly_met or ratio >= 0.60) then 'moderate'
            when is_nearly_met then 'on_track'
            else {{ plan_class('ratio') }}
        end as class
    from judgeable
),

-- Years from the latest value to the target if what was observed goes on; not positive where it leads away from it.
remaining as (
    select
        *,
        case
            when class not in ('on_track', 'moderate', 'limited') then null
            when path_kind = 'linear' then (met_from - latest_value) / nullif(observed_change, 0)
            when path_kind = 'compound' and latest_value > 0 and observed_growth > -1
                then ln(met_from / latest_value) / nullif(ln(1 + observed_growth), 0)
        end as remaining_years
    from classes
)

select
    target_id,
    case_kind,
    case_key,
    measured_indicator_id,
    reading,
    unit,
    direction,
    baseline_value,
    baseline_year,
    baseline_figure_id,
    path_kind,
    start_value,
    is_about,
    is_met_at_base,
    latest_month,
    latest_window,
    measured_value,
    latest_value,
    missing_count,
    missing_year_count,
    certainty,
    linear_path_value,
    compound_path_value,
    required_growth,
    observed_growth,
    required_change,
    observed_change,
    ratio,
    is_due,
    is_nearly_met,
    undetermined_because,
    class,
    goal_value - latest_value as distance,
    -- A hair is taken off before rounding up, so that exactly 2025 stays 2025.
    case
        when remaining_years > 0 and remaining_years <= 100
            then cast(ceil(baseline_year + elapsed_years + remaining_years - 0.000001) as integer)
    end as expected_year
from remaining
