select
    form_rows.submission_id,
    form_rows.reporting_unit_id,
    form_rows.month,
    form_rows.revision,
    form_rows.file_sha256,
    form_rows.sheet,
    form_rows.row_number,
    form_rows.is_practice,
    form_rows.certificate_no,
    form_rows.enterprise_name,
    form_rows.uscc,
    form_rows.high_tech_field,
    form_rows.recognition_kind,
    form_rows.issued_on,
    form_rows.valid_until,
    form_rows.revoked_on
from {{ source('landing', 'high_tech_enterprises') }} as form_rows
cross join {{ ref('stg_load_context') }} as load_context
where form_rows.month <= load_context.release_month
