-- The releases up to this one, in their order; the load's own is not kept yet.
with releases as (
    select release_id, release_month, known_from, method, is_practice, true as is_kept
    from {{ ref('stg_kept_releases') }}
    union all
    select release_id, release_month, loaded_at as known_from, method, is_practice, false as is_kept
    from {{ ref('stg_load_context') }}
    where release_id not in (select release_id from {{ ref('stg_kept_releases') }})
)

select
    *,
    lag(release_id) over (order by known_from) as previous_release_id,
    coalesce(method <> lag(method) over (order by known_from), false) as is_method_changed
from releases
