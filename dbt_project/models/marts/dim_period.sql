select
    cast(period_id as varchar) as period_id,
    cast(period_kind as varchar) as period_kind,
    cast(year as integer) as year,
    cast(quarter as integer) as quarter,
    cast(month_of_year as integer) as month_of_year,
    cast(first_on as date) as first_on,
    cast(last_on as date) as last_on,
    cast(is_release_month as boolean) as is_release_month
from {{ ref('core_periods') }}
