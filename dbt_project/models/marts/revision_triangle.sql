select
    cast(indicator_id as varchar) as indicator_id,
    cast(hierarchy as varchar) as hierarchy,
    cast(area_id as varchar) as area_id,
    cast({{ period_of('month', 'window_kind') }} as varchar) as period_id,
    cast(window_kind as varchar) as window_kind,
    cast(estimate as integer) as estimate,
    cast(release_id as varchar) as release_id,
    cast(known_from as timestamp) as known_from,
    cast({{ dbt.datediff(first_day('month'), 'known_from', 'month') }} as integer) as months_after,
    cast(value as decimal(20,6)) as value,
    cast(value - first_value as decimal(20,6)) as revision_to_first,
    cast(first_value as decimal(20,6)) as first_value,
    cast(latest_value as decimal(20,6)) as latest_value,
    cast(unit as varchar) as unit,
    cast(is_practice as boolean) as is_practice
from {{ ref('core_revision_triangle') }}
