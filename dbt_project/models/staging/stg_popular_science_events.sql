select
    form_rows.submission_id,
    form_rows.reporting_unit_id,
    form_rows.month,
    form_rows.revision,
    form_rows.file_sha256,
    form_rows.sheet,
    form_rows.row_number,
    form_rows.is_practice,
    form_rows.activity_type,
    form_rows.channel,
    form_rows.event_count,
    form_rows.attendance
from {{ source('landing', 'popular_science_events') }} as form_rows
cross join {{ ref('stg_load_context') }} as load_context
where form_rows.month <= load_context.release_month
