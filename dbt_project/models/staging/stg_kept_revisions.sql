select
    revisions.indicator_id,
    revisions.hierarchy,
    revisions.area_id,
    revisions.month,
    revisions.window_kind,
    cast(revisions.vintage as integer) as vintage,
    revisions.previous_release_id,
    cast(revisions.previous_value as decimal(20,6)) as previous_value,
    revisions.previous_unit,
    revisions.previous_status,
    cast(revisions.value as decimal(20,6)) as value,
    revisions.unit,
    revisions.obs_status,
    cast(revisions.is_withdrawn as boolean) as is_withdrawn,
    revisions.reason_code,
    revisions.sender_ids,
    revisions.sender_names,
    cast(revisions.is_method_changed as boolean) as is_method_changed,
    releases.release_id,
    releases.known_from,
    releases.is_practice
from {{ source('archive', 'revisions') }} as revisions
inner join {{ ref('stg_kept_releases') }} as releases on releases.release_id = revisions.release_id
