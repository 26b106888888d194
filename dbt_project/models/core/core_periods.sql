-- Months, the years they lie in, and the year before those, which annual forms are about; a year's row spans the whole year even if
-- only part of it is shown.
with shown_months as (
    select * from {{ ref('int_months') }} where is_shown
),

years as (
    select year from shown_months
    union
    select year - 1 as year from shown_months
)

select
    month as period_id,
    'month' as period_kind,
    year,
    quarter,
    month_of_year,
    first_on,
    last_on,
    is_release_month
from shown_months
union all
select
    cast(year as varchar) as period_id,
    'year' as period_kind,
    year,
    cast(null as integer) as quarter,
    cast(null as integer) as month_of_year,
    cast(cast(year as varchar) || '-01-01' as date) as first_on,
    cast(cast(year as varchar) || '-12-31' as date) as last_on,
    false as is_release_month
from years
