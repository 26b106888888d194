select
    cast(certificates.certificate_no as varchar) as certificate_no,
    cast(certificates.month as varchar) as period_id,
    cast(certificates.reporting_unit_id as varchar) as reporting_unit_id,
    cast(certificates.area_id as varchar) as area_id,
    cast(certificates.zone_area_id as varchar) as zone_area_id,
    cast(certificates.enterprise_name as varchar) as enterprise_name,
    cast(certificates.uscc as varchar) as uscc,
    cast(certificates.high_tech_field as varchar) as high_tech_field,
    cast(fields.label as varchar) as high_tech_field_label,
    cast(certificates.recognition_kind as varchar) as recognition_kind,
    cast(kinds.label as varchar) as recognition_kind_label,
    cast(certificates.issued_on as date) as issued_on,
    cast(certificates.valid_until as date) as valid_until,
    cast(certificates.revoked_on as date) as revoked_on,
    cast(certificates.is_listed as boolean) as is_listed,
    cast(certificates.left_register_month as varchar) as left_register_month,
    cast(certificates.overlap_count as integer) as overlap_count,
    cast(certificates.submission_id as varchar) as submission_id,
    cast(certificates.revision as integer) as revision,
    cast(certificates.file_sha256 as varchar) as file_sha256,
    cast(certificates.sheet as varchar) as sheet,
    cast(certificates.row_number as integer) as row_number,
    cast(certificates.is_practice as boolean) as is_practice
from {{ ref('core_certificates') }} as certificates
left join {{ ref('code_lists') }} as fields on fields.code_list = 'high_tech_field' and fields.code = certificates.high_tech_field
left join {{ ref('code_lists') }} as kinds on kinds.code_list = 'recognition_kind' and kinds.code = certificates.recognition_kind
