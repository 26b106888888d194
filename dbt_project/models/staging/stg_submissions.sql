{{ config(materialized='table') }}
-- A table, since many models ask for submissions, and of each form and month they lie in a file of their own.
-- Unidentified files have no form, unit or month: they are told of in the findings.
select
    submissions.submission_id,
    submissions.form,
    submissions.reporting_unit_id,
    submissions.month,
    cast(submissions.revision as integer) as revision,
    submissions.state,
    submissions.reason,
    submissions.file_name,
    submissions.file_sha256,
    cast(submissions.received_on as date) as received_on,
    cast(submissions.row_count as integer) as row_count,
    cast(submissions.error_count as integer) as error_count,
    cast(submissions.warning_count as integer) as warning_count,
    cast(submissions.is_practice as boolean) as is_practice
from {{ source('landing_system', 'submissions') }} as submissions
cross join {{ ref('stg_load_context') }} as load_context
where submissions.submission_id is not null
  and submissions.month <= load_context.release_month
