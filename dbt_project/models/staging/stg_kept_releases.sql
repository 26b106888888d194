-- The releases that this load follows, practice apart from real: those that became current, and those of its own month. A release of
-- an older month that came after a newer one is a branch: it knows nothing of the newer months, which don't build on it.
select
    releases.release_id,
    releases.release_month,
    cast(releases.known_from as timestamp) as known_from,
    releases.method,
    cast(releases.is_practice as boolean) as is_practice
from {{ source('archive', 'releases') }} as releases
cross join {{ ref('stg_load_context') }} as load_context
where releases.is_practice = load_context.is_practice
  and (
      (releases.is_current and releases.release_month <= load_context.release_month)
      or releases.release_month = load_context.release_month
  )
