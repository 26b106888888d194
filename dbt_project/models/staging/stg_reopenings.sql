select
    reopenings.month,
    reopenings.reason,
    reopenings.reopened_by,
    reopenings.reopened_at
from {{ source('landing_system', 'reopenings') }} as reopenings
cross join {{ ref('stg_load_context') }} as load_context
where reopenings.month <= load_context.release_month
