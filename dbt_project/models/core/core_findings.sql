-- The same finding made twice (a file read again) is one finding. What a later, accepted revision has taken the place of is
-- closed: history, and no work to do.
with numbered as (
    select
        *,
        row_number() over (partition by finding_id order by submission_id, file_name) as place
    from {{ ref('stg_findings') }}
),

in_force as (
    select form, reporting_unit_id, month, max(revision) as revision
    from {{ ref('stg_submissions') }}
    where state = 'accepted'
    group by form, reporting_unit_id, month
)

select
    numbered.finding_id,
    numbered.submission_id,
    numbered.form,
    numbered.reporting_unit_id,
    numbered.month,
    numbered.revision,
    numbered.rule_id,
    numbered.level,
    numbered.severity,
    numbered.file_name,
    numbered.sheet,
    numbered.cell,
    numbered.field,
    numbered.value,
    numbered.expected,
    numbered.message,
    numbered.advice,
    numbered.subject,
    numbered.influence,
    numbered.must_explain,
    case when in_force.revision > numbered.revision then 'closed' else numbered.state end as state,
    numbered.explanation,
    numbered.is_practice
from numbered
left join in_force
    on in_force.form = numbered.form
    and in_force.reporting_unit_id = numbered.reporting_unit_id
    and in_force.month = numbered.month
where numbered.place = 1
