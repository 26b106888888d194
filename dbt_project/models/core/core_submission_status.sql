-- One row for each form, unit and month that is asked for or was received. What counts is the accepted revision; a later one that
-- was returned, or came after the lock, does not undo it.
with received as (
    select
        *,
        row_number() over (
            partition by form, reporting_unit_id, month
            order by case when state = 'accepted' then 1 else 2 end, revision desc
        ) as place,
        max(case when state = 'returned' then revision end) over (partition by form, reporting_unit_id, month) as last_returned,
        max(case when state = 'locked' then revision end) over (partition by form, reporting_unit_id, month) as last_locked
    from {{ ref('stg_submissions') }}
),

in_force as (
    select * from received where place = 1
),

-- A report that came in time and was corrected afterwards is not late: its first revision without a fault tells.
first_faultless as (
    select form, reporting_unit_id, month, received_on
    from (
        select
            form,
            reporting_unit_id,
            month,
            received_on,
            row_number() over (partition by form, reporting_unit_id, month order by revision) as place
        from {{ ref('stg_submissions') }}
        where state in ('accepted', 'superseded')
    ) as faultless
    where place = 1
),

to_explain as (
    select submission_id, count(*) as open_count
    from {{ ref('core_findings') }}
    where must_explain and state = 'open' and severity <> 'error'
    group by submission_id
),

reopened as (
    select month, {{ dbt.listagg('reason', "'；'", 'order by reopened_at') }} as reopened_reason
    from {{ ref('stg_reopenings') }}
    group by month
),

asked_or_received as (
    select form, reporting_unit_id, month from {{ ref('int_obligations') }}
    union
    select form, reporting_unit_id, month from in_force
),

dated as (
    select
        keys.form,
        keys.reporting_unit_id,
        keys.month,
        case when in_force.state = 'accepted' then first_faultless.received_on else in_force.received_on end as counted_on
    from asked_or_received as keys
    left join in_force
        on in_force.form = keys.form and in_force.reporting_unit_id = keys.reporting_unit_id and in_force.month = keys.month
    left join first_faultless
        on first_faultless.form = keys.form
        and first_faultless.reporting_unit_id = keys.reporting_unit_id
        and first_faultless.month = keys.month
)

select
    dated.form,
    dated.reporting_unit_id,
    dated.month,
    months.is_shown,
    obligations.form is not null and obligations.exemption_reason is null as is_owed,
    case
        when in_force.state = 'accepted' and to_explain.open_count > 0 then 'open'
        when in_force.state in ('accepted', 'locked') then in_force.state
        when in_force.submission_id is not null then 'returned'
        when obligations.exemption_reason is not null then 'exempt'
        else 'missing'
    end as state,
    in_force.submission_id,
    in_force.revision,
    coalesce(in_force.state = 'accepted' and in_force.last_returned > in_force.revision, false) as is_later_revision_returned,
    coalesce(in_force.state = 'accepted' and in_force.last_locked > in_force.revision, false) as is_later_revision_locked,
    in_force.file_name,
    in_force.reason,
    in_force.received_on,
    obligations.due_on,
    obligations.late_on,
    obligations.locked_on,
    dated.counted_on > obligations.due_on as is_late,
    case
        when dated.counted_on > obligations.due_on then {{ dbt.datediff('obligations.due_on', 'dated.counted_on', 'day') }}
        when dated.counted_on is not null and obligations.due_on is not null then 0
    end as days_late,
    in_force.row_count,
    in_force.error_count,
    in_force.warning_count,
    case when in_force.state = 'accepted' then coalesce(to_explain.open_count, 0) end as open_count,
    obligations.exemption_reason,
    reopened.reopened_reason,
    coalesce(in_force.is_practice, load_context.is_practice) as is_practice
from dated
inner join {{ ref('int_months') }} as months on months.month = dated.month
cross join {{ ref('stg_load_context') }} as load_context
left join {{ ref('int_obligations') }} as obligations
    on obligations.form = dated.form
    and obligations.reporting_unit_id = dated.reporting_unit_id
    and obligations.month = dated.month
left join in_force
    on in_force.form = dated.form and in_force.reporting_unit_id = dated.reporting_unit_id and in_force.month = dated.month
left join to_explain on to_explain.submission_id = in_force.submission_id
left join reopened on reopened.month = dated.month
