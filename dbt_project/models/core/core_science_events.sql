-- An aggregate form: each unit reports its own activities, so units add up and nothing is removed.
select
    events.reporting_unit_id,
    events.month,
    events.activity_type,
    events.channel,
    units.area_id,
    case when units.unit_kind = 'zone' then units.area_id end as zone_area_id,
    events.event_count,
    events.attendance,
    events.submission_id,
    events.revision,
    events.file_sha256,
    events.sheet,
    events.row_number,
    events.is_practice
from {{ ref('stg_popular_science_events') }} as events
inner join {{ ref('reporting_units') }} as units on units.reporting_unit_id = events.reporting_unit_id
