select
    form_rows.submission_id,
    form_rows.reporting_unit_id,
    form_rows.month,
    form_rows.revision,
    form_rows.file_sha256,
    form_rows.sheet,
    form_rows.row_number,
    form_rows.is_practice,
    form_rows.contract_no,
    form_rows.contract_name,
    form_rows.contract_type,
    form_rows.technology_field,
    form_rows.signed_on,
    form_rows.registered_on,
    form_rows.seller_name,
    form_rows.seller_division_code,
    form_rows.buyer_name,
    form_rows.buyer_division_code,
    form_rows.contract_value,
    form_rows.technology_value
from {{ source('landing', 'technical_contracts') }} as form_rows
cross join {{ ref('stg_load_context') }} as load_context
where form_rows.month <= load_context.release_month
