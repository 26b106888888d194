select
    cast(events.reporting_unit_id as varchar) as reporting_unit_id,
    cast(events.month as varchar) as period_id,
    cast(events.activity_type as varchar) as activity_type,
    cast(types.label as varchar) as activity_type_label,
    cast(events.channel as varchar) as channel,
    cast(channels.label as varchar) as channel_label,
    cast(events.area_id as varchar) as area_id,
    cast(events.zone_area_id as varchar) as zone_area_id,
    cast(events.event_count as bigint) as event_count,
    cast(events.attendance as bigint) as attendance,
    cast(events.submission_id as varchar) as submission_id,
    cast(events.revision as integer) as revision,
    cast(events.file_sha256 as varchar) as file_sha256,
    cast(events.sheet as varchar) as sheet,
    cast(events.row_number as integer) as row_number,
    cast(events.is_practice as boolean) as is_practice
from {{ ref('core_science_events') }} as events
left join {{ ref('code_lists') }} as types on types.code_list = 'activity_type' and types.code = events.activity_type
left join {{ ref('code_lists') }} as channels on channels.code_list = 'channel' and channels.code = events.channel
