select
    corrections.correction_id,
    corrections.form,
    corrections.reporting_unit_id,
    corrections.month,
    corrections.row_key,
    corrections.field,
    corrections.action,
    corrections.received_value,
    corrections.corrected_value,
    cast(corrections.is_withdrawn as boolean) as is_withdrawn,
    cast(corrections.vintage as integer) as vintage,
    releases.release_id,
    releases.known_from,
    releases.is_practice
from {{ source('archive', 'corrections') }} as corrections
inner join {{ ref('stg_kept_releases') }} as releases on releases.release_id = corrections.release_id
