-- Which reported row or cell the office has put right, what was received and what counts; also what no longer holds.
select
    correction_id,
    form,
    reporting_unit_id,
    month,
    row_key,
    submission_id,
    row_number,
    field,
    action,
    received_value,
    corrected_value,
    reason,
    corrected_by,
    corrected_on,
    expires,
    state,
    remark,
    is_practice
from {{ ref('stg_corrections') }}
