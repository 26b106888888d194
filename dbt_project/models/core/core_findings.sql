-- The same finding made twice (a file read again) is one finding.
select *
from (
    select
        *,
        row_number() over (partition by finding_id order by submission_id, file_name) as place
    from {{ ref('stg_findings') }}
) as numbered
where place = 1
