-- One row for each form, unit and month that is owed or was received. What counts is the accepted revision; a later one that
-- was returned does not undo it.
with received as (
    select
        *,
        row_number() over (
            partition by form, reporting_unit_id, month
            order by case when state = 'accepted' then 1 else 2 end, revision desc
        ) as place,
        max(revision) over (partition by form, reporting_unit_id, month) as last_revision
    from {{ ref('stg_submissions') }}
),

in_force as (
    select * from received where place = 1
),

owed_or_received as (
    select form, reporting_unit_id, month from {{ ref('int_obligations') }}
    union
    select form, reporting_unit_id, month from in_force
)

select
    keys.form,
    keys.reporting_unit_id,
    keys.month,
    months.is_shown,
    obligations.form is not null as is_owed,
    case
        when in_force.state = 'accepted' then 'accepted'
        when in_force.submission_id is not null then 'returned'
        else 'missing'
    end as state,
    in_force.submission_id,
    in_force.revision,
    in_force.last_revision,
    coalesce(in_force.state = 'accepted' and in_force.last_revision > in_force.revision, false) as is_later_revision_returned,
    in_force.file_name,
    in_force.reason,
    in_force.received_on,
    obligations.due_on,
    case
        when in_force.received_on > obligations.due_on then {{ dbt.datediff('obligations.due_on', 'in_force.received_on', 'day') }}
        when in_force.received_on is not null and obligations.due_on is not null then 0
    end as days_late,
    in_force.row_count,
    in_force.error_count,
    in_force.warning_count,
    coalesce(in_force.is_practice, load_context.is_practice) as is_practice
from owed_or_received as keys
inner join {{ ref('int_months') }} as months on months.month = keys.month
cross join {{ ref('stg_load_context') }} as load_context
left join {{ ref('int_obligations') }} as obligations
    on obligations.form = keys.form and obligations.reporting_unit_id = keys.reporting_unit_id and obligations.month = keys.month
left join in_force
    on in_force.form = keys.form and in_force.reporting_unit_id = keys.reporting_unit_id and in_force.month = keys.month
