-- Each shown year's last year-to-date value is the sum of its periods, where the year is shown from January on and nobody gave a
-- year to date of their own. Least values are compared, which a range has too.
with periods as (
    select
        observations.indicator_id,
        observations.hierarchy,
        observations.area_id,
        substring(observations.month, 1, 4) as year,
        max(observations.month) as last_month,
        min(substring(observations.month, 6, 2)) as first_month,
        sum(observations.value_low) as value_low
    from {{ ref('core_observations') }} as observations
    inner join {{ ref('core_indicators') }} as indicators
        on indicators.indicator_id = observations.indicator_id and indicators.numerator_id is null
    where observations.window_kind in ('month', 'quarter')
      and observations.indicator_id not in (
          select indicator_id from {{ ref('core_unit_measures') }} where reported_year_to_date is not null
      )
    group by observations.indicator_id, observations.hierarchy, observations.area_id, substring(observations.month, 1, 4)
)

select
    periods.indicator_id,
    periods.hierarchy,
    periods.area_id,
    periods.last_month,
    periods.value_low as sum_of_periods,
    ytd.value_low as ytd
from periods
inner join {{ ref('core_observations') }} as ytd
    on ytd.indicator_id = periods.indicator_id
    and ytd.hierarchy = periods.hierarchy
    and ytd.area_id = periods.area_id
    and ytd.month = periods.last_month
    and ytd.window_kind = 'ytd'
where periods.first_month in ('01', '03')
  and coalesce(ytd.value_low, 0) <> coalesce(periods.value_low, 0)
