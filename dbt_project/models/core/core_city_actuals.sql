-- What the city had, by indicator and month: what a plan's target or task is held against. Estimates and forecasts are no actuals
-- and never get here; neither does a total of which only a range is known.
-- A year's total is full as `year`, or as December's year-to-date that is complete; a stock that restarts in January (year_stock)
-- is read like a year-to-date (`observed_window` is what `observations` calls it). December's year-to-date and the year are the same figure and come once.
with observed as (
    select
        observations.indicator_id,
        observations.month,
        cast(substring(observations.month, 1, 4) as integer) as year,
        case
            when observations.window_kind = 'year' then 'year'
            when observations.window_kind = 'point' and coalesce(indicators.measure, '') <> 'year_stock' then 'point'
            when substring(observations.month, 6, 2) = '12' and observations.obs_status = 'A' then 'year'
            else 'ytd'
        end as window_kind,
        observations.window_kind as observed_window,
        observations.value,
        observations.obs_status,
        observations.expected_submission_count - observations.submission_count + observations.stale_submission_count
            as missing_count,
        row_number() over (
            partition by observations.indicator_id, observations.month
            order by case when observations.window_kind = 'year' then 1 else 2 end
        ) as place
    from {{ ref('core_observations') }} as observations
    left join {{ ref('core_indicators') }} as indicators on indicators.indicator_id = observations.indicator_id
    where observations.hierarchy = 'city'
        and observations.window_kind in ('point', 'ytd', 'year')
        and observations.value is not null
        and observations.obs_status not in ('E', 'F')
)

select
    indicator_id,
    month,
    year,
    window_kind,
    observed_window,
    value,
    obs_status,
    missing_count,
    row_number() over (partition by indicator_id order by month desc) as age
from observed
where place = 1
