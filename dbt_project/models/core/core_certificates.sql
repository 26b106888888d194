select
    certificate_no,
    month,
    reporting_unit_id,
    area_id,
    zone_area_id,
    enterprise_name,
    uscc,
    high_tech_field,
    recognition_kind,
    issued_on,
    valid_until,
    revoked_on,
    is_listed,
    left_register_month,
    mention_count - 1 as overlap_count,
    submission_id,
    revision,
    file_sha256,
    sheet,
    row_number,
    is_practice
from {{ ref('int_certificate_rows') }}
where place = 1
