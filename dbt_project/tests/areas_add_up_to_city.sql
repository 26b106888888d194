-- For every indicator, period and window the reported areas add up to the city exactly, and so do the numbers of
-- submissions.
with areas as (
    select
        indicator_id,
        period_id,
        window_kind,
        sum(value) as value,
        sum(submission_count) as submission_count,
        sum(expected_submission_count) as expected_submission_count
    from {{ ref('observations') }}
    where hierarchy = 'reported'
    group by indicator_id, period_id, window_kind
)

select
    city.indicator_id,
    city.period_id,
    city.window_kind,
    city.value as city_value,
    areas.value as areas_value
from {{ ref('observations') }} as city
left join areas
    on areas.indicator_id = city.indicator_id and areas.period_id = city.period_id and areas.window_kind = city.window_kind
where city.hierarchy = 'city'
  and (
      areas.indicator_id is null
      or coalesce(city.value, 0) <> coalesce(areas.value, 0)
      or (city.value is null) <> (areas.value is null)
      or city.submission_count <> areas.submission_count
      or city.expected_submission_count <> areas.expected_submission_count
  )
