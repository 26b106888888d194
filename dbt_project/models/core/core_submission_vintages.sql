-- Which submission counted for a form, unit and month, release by release. Other bytes under the same number are another submission.
with kept as (
    select * from {{ ref('stg_kept_submissions') }}
),

present as (
    select
        status.form,
        status.reporting_unit_id,
        status.month,
        status.submission_id,
        status.revision,
        submissions.file_sha256
    from {{ ref('core_submission_status') }} as status
    inner join {{ ref('stg_submissions') }} as submissions on submissions.submission_id = status.submission_id
    where status.state in ('accepted', 'open')
),

{{ vintages(
    key=['form', 'reporting_unit_id', 'month'],
    told=['submission_id', 'revision', 'file_sha256']
) }}

select * from vintages
