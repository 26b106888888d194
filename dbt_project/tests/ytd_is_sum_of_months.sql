-- Each shown year's last year-to-date value is the sum of its months, where the year is shown from January on.
with months as (
    select
        observations.indicator_id,
        observations.hierarchy,
        observations.area_id,
        periods.year,
        max(observations.period_id) as last_period_id,
        min(periods.month_of_year) as first_month,
        sum(observations.value) as value
    from {{ ref('observations') }} as observations
    inner join {{ ref('dim_period') }} as periods on periods.period_id = observations.period_id
    inner join {{ ref('core_indicators') }} as indicators
        on indicators.indicator_id = observations.indicator_id and indicators.numerator_id is null
    where observations.window_kind = 'month'
    group by observations.indicator_id, observations.hierarchy, observations.area_id, periods.year
)

select
    months.indicator_id,
    months.area_id,
    months.last_period_id,
    months.value as sum_of_months,
    ytd.value as ytd
from months
inner join {{ ref('observations') }} as ytd
    on ytd.indicator_id = months.indicator_id
    and ytd.hierarchy = months.hierarchy
    and ytd.area_id = months.area_id
    and ytd.period_id = months.last_period_id
    and ytd.window_kind = 'ytd'
where months.first_month = 1
  and coalesce(ytd.value, 0) <> coalesce(months.value, 0)
