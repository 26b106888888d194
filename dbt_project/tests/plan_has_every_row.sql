-- Each target of the documents has exactly one verdict, in any load; before the first one there is nothing to judge.
select targets.target_id, count(progress.target_id) as verdicts
from {{ ref('plan_targets') }} as targets
cross join {{ ref('stg_load_context') }} as load_context
left join {{ ref('plan_progress') }} as progress on progress.target_id = targets.target_id
group by targets.target_id
having count(progress.target_id) <> 1
