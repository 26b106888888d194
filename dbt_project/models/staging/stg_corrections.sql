select
    corrections.correction_id,
    corrections.form,
    corrections.reporting_unit_id,
    corrections.month,
    corrections.row_key,
    corrections.submission_id,
    cast(corrections.row_number as integer) as row_number,
    corrections.field,
    corrections.action,
    corrections.received_value,
    corrections.corrected_value,
    corrections.reason,
    corrections.corrected_by,
    cast(corrections.corrected_on as date) as corrected_on,
    corrections.expires,
    corrections.state,
    corrections.remark,
    cast(corrections.is_practice as boolean) as is_practice
from {{ source('landing_system', 'corrections') }} as corrections
cross join {{ ref('stg_load_context') }} as load_context
where corrections.month <= load_context.release_month
