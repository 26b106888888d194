select
    cast(form as varchar) as form,
    cast(reporting_unit_id as varchar) as reporting_unit_id,
    cast(month as varchar) as month,
    cast(state as varchar) as state,
    cast(is_owed as boolean) as is_owed,
    cast(submission_id as varchar) as submission_id,
    cast(revision as integer) as revision,
    cast(is_later_revision_returned as boolean) as is_later_revision_returned,
    cast(file_name as varchar) as file_name,
    cast(reason as varchar) as reason,
    cast(received_on as date) as received_on,
    cast(due_on as date) as due_on,
    cast(days_late as integer) as days_late,
    cast(row_count as integer) as row_count,
    cast(error_count as integer) as error_count,
    cast(warning_count as integer) as warning_count,
    cast(is_practice as boolean) as is_practice
from {{ ref('core_submission_status') }}
where is_shown
