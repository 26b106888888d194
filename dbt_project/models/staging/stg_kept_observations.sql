select
    observations.indicator_id,
    observations.hierarchy,
    observations.area_id,
    observations.month,
    observations.window_kind,
    cast(observations.value as decimal(20,6)) as value,
    -- The first releases kept no range; where there is a value, it is the range.
    cast(coalesce(observations.value_low, observations.value) as decimal(20,6)) as value_low,
    cast(coalesce(observations.value_high, observations.value) as decimal(20,6)) as value_high,
    observations.unit,
    observations.obs_status,
    cast(observations.is_withdrawn as boolean) as is_withdrawn,
    cast(observations.vintage as integer) as vintage,
    releases.release_id,
    releases.known_from,
    releases.is_practice
from {{ source('archive', 'observations') }} as observations
inner join {{ ref('stg_kept_releases') }} as releases on releases.release_id = observations.release_id
