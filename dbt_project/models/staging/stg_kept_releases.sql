-- The releases that this load follows, practice apart from real: those of its month, and those of earlier months as long as no newer
-- month was out. A release of an older month that came later is a branch: it knows nothing of the newer months, which don't follow it.
with in_order as (
    select
        releases.release_id,
        releases.release_month,
        cast(releases.known_from as timestamp) as known_from,
        releases.method,
        cast(releases.is_practice as boolean) as is_practice,
        max(releases.release_month) over (order by releases.known_from) as newest_month
    from {{ source('archive', 'releases') }} as releases
    cross join {{ ref('stg_load_context') }} as load_context
    where releases.is_practice = load_context.is_practice
)

select in_order.release_id, in_order.release_month, in_order.known_from, in_order.method, in_order.is_practice
from in_order
cross join {{ ref('stg_load_context') }} as load_context
where in_order.release_month = load_context.release_month
   or (in_order.release_month < load_context.release_month and in_order.release_month = in_order.newest_month)
