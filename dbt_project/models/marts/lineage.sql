select
    cast(indicator_id as varchar) as indicator_id,
    cast(reporting_unit_id as varchar) as reporting_unit_id,
    cast(month as varchar) as period_id,
    cast(submission_id as varchar) as submission_id,
    cast(form as varchar) as form,
    cast(submission_month as varchar) as submission_month,
    cast(revision as integer) as revision,
    cast(received_on as date) as received_on,
    cast(file_name as varchar) as file_name,
    cast(file_sha256 as varchar) as file_sha256,
    cast(sheet as varchar) as sheet,
    cast(field as varchar) as field,
    cast(header_path as varchar) as header_path,
    cast(cells as varchar) as cells,
    cast(row_count as integer) as row_count,
    cast(value as decimal(28,10)) as value,
    cast(is_practice as boolean) as is_practice
from {{ ref('core_lineage') }}
