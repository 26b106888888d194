-- One row a task and indicator that measures it, with the city's latest actual; a task that none measures has one row without.
-- Of several targets for the indicator the one of the task's own document is shown, else the one in the plan's table, else the first.
with units as (
    select
        task_id,
        max(case when is_lead then unit_name end) as lead_unit,
        {{ dbt.listagg('case when not is_lead then unit_name end', "'、'", 'order by position') }} as other_units
    from {{ ref('plan_task_units') }}
    group by task_id
),

targets as (
    select
        measured.task_id,
        measured.indicator_id,
        progress.target_id,
        progress.class,
        progress.class_label,
        progress.is_verdict_contested,
        row_number() over (
            partition by measured.task_id, measured.indicator_id
            order by
                case when progress.document_id = tasks.document_id then 1 else 2 end,
                progress.plan_row nulls last,
                progress.target_id
        ) as place
    from {{ ref('plan_task_indicators') }} as measured
    inner join {{ ref('planned_tasks') }} as tasks on tasks.task_id = measured.task_id
    inner join {{ ref('core_plan_progress') }} as progress on progress.indicator_id = measured.indicator_id
)

select
    tasks.task_id,
    coalesce(measured.position, 1) as position,
    tasks.document_id,
    tasks.task_number,
    tasks.task_title,
    tasks.section_number,
    tasks.section_title,
    tasks.start_year,
    tasks.end_year,
    units.lead_unit,
    units.other_units,
    measured.indicator_id,
    indicators.indicator_label,
    indicators.unit,
    actuals.value as latest_value,
    actuals.month as latest_month,
    actuals.observed_window as latest_window,
    actuals.obs_status as latest_status,
    actuals.year < tasks.start_year as is_before_start,
    targets.target_id,
    targets.class,
    targets.class_label,
    targets.is_verdict_contested,
    load_context.is_practice
from {{ ref('planned_tasks') }} as tasks
inner join units on units.task_id = tasks.task_id
left join {{ ref('plan_task_indicators') }} as measured on measured.task_id = tasks.task_id
left join {{ ref('core_indicators') }} as indicators on indicators.indicator_id = measured.indicator_id
left join {{ ref('core_city_actuals') }} as actuals on actuals.indicator_id = measured.indicator_id and actuals.age = 1
left join targets
    on targets.task_id = measured.task_id
    and targets.indicator_id = measured.indicator_id
    and targets.place = 1
cross join {{ ref('stg_load_context') }} as load_context
