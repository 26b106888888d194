-- Each row of the plan's indicator table has exactly one verdict, in any load (before the first one there is no context and nothing to judge).
select targets.plan_row, count(progress.target_id) as verdicts
from {{ ref('plan_targets') }} as targets
cross join {{ ref('stg_load_context') }} as load_context
left join {{ ref('plan_progress') }} as progress on progress.target_id = targets.target_id
where targets.plan_row is not null
group by targets.plan_row
having count(progress.target_id) <> 1
