select
    cast(indicator_id as varchar) as indicator_id,
    cast(hierarchy as varchar) as hierarchy,
    cast(area_id as varchar) as area_id,
    cast({{ period_of('month', 'window_kind') }} as varchar) as period_id,
    cast(window_kind as varchar) as window_kind,
    cast(vintage as integer) as vintage,
    cast(release_id as varchar) as release_id,
    cast(known_from as timestamp) as known_from,
    cast(known_to as timestamp) as known_to,
    cast(value as decimal(20,6)) as value,
    cast(value_low as decimal(20,6)) as value_low,
    cast(value_high as decimal(20,6)) as value_high,
    cast(unit as varchar) as unit,
    cast(obs_status as varchar) as obs_status,
    cast(is_practice as boolean) as is_practice
from {{ ref('core_observation_vintages') }}
where not is_withdrawn -- says nothing but that the one before is known no longer, as its `known_to` tells
