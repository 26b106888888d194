-- Each task has exactly one unit in the lead, the one named first.
select tasks.task_id, count(units.task_id) as leads, min(units.position) as first_lead
from {{ ref('planned_tasks') }} as tasks
left join {{ ref('plan_task_units') }} as units on units.task_id = tasks.task_id and units.is_lead
group by tasks.task_id
having count(units.task_id) <> 1 or min(units.position) <> 1
