select
    cast(link as varchar) as link,
    cast(indicator_id as varchar) as indicator_id,
    cast(scope as varchar) as scope,
    cast(other_id as varchar) as other_id,
    cast(other_scope as varchar) as other_scope,
    cast(lower as decimal(20,6)) as lower,
    cast(upper as decimal(20,6)) as upper
from {{ ref('core_indicator_links') }}
