-- For every indicator that is added up, period and window, the reporting units' areas add up to the city exactly, and so do the
-- numbers of submissions; where an overlap is not known or a department gives the city's figure, there is nothing to add up.
with totals as (
    select
        observations.indicator_id,
        observations.month,
        observations.window_kind,
        observations.hierarchy,
        sum(observations.value) as value,
        sum(observations.submission_count) as submission_count,
        sum(observations.expected_submission_count) as expected_submission_count
    from {{ ref('core_observations') }} as observations
    inner join {{ ref('core_indicators') }} as indicators
        on indicators.indicator_id = observations.indicator_id and indicators.areas = 'all' and indicators.numerator_id is null
    where observations.hierarchy in ('city', 'reported') and observations.window_kind <> 'year'
    group by observations.indicator_id, observations.month, observations.window_kind, observations.hierarchy
)

select
    city.indicator_id,
    city.month,
    city.window_kind,
    city.value as city_value,
    areas.value as areas_value
from totals as city
left join totals as areas
    on areas.indicator_id = city.indicator_id
    and areas.month = city.month
    and areas.window_kind = city.window_kind
    and areas.hierarchy = 'reported'
left join {{ ref('core_area_values') }} as area_values
    on area_values.indicator_id = city.indicator_id
    and area_values.month = city.month
    and area_values.window_kind = city.window_kind
    and area_values.hierarchy = 'city'
left join {{ ref('overlap_rules') }} as rules on rules.form = area_values.form and rules.overlap_rule <> 'sum'
where city.hierarchy = 'city'
  and rules.form is null
  and (
      areas.indicator_id is null
      or coalesce(city.value, 0) <> coalesce(areas.value, 0)
      or (city.value is null) <> (areas.value is null)
      or city.submission_count <> areas.submission_count
      or city.expected_submission_count <> areas.expected_submission_count
  )
