{{ config(materialized='table') }}
-- A table, since nearly every model asks for months, and as a view it would be worked out anew each time.
-- Every month from January of the first submitted year to the release month: a year-to-date total needs January,
-- even where nobody had to report yet. Only months from the first submitted one on are shown (`is_shown`).
with range_of_months as (
    select
        load_context.release_month,
        coalesce(min(submissions.month), load_context.release_month) as first_month
    from {{ ref('stg_load_context') }} as load_context
    left join {{ ref('stg_submissions') }} as submissions on true
    group by load_context.release_month
),

steps as (
    {{ dbt.generate_series(1200) }}
),

days as (
    select
        range_of_months.release_month,
        range_of_months.first_month,
        cast({{ dbt.dateadd('month', 'steps.generated_number - 1', first_day('substring(range_of_months.first_month, 1, 4) || \'-01\'')) }} as date) as first_on
    from range_of_months
    cross join steps
),

months as (
    select
        {{ month_of('first_on') }} as month,
        first_on,
        cast({{ dbt.last_day('first_on', 'month') }} as date) as last_on,
        release_month,
        first_month
    from days
)

select
    month,
    first_on,
    last_on,
    cast(extract(year from first_on) as integer) as year,
    cast(extract(quarter from first_on) as integer) as quarter,
    cast(extract(month from first_on) as integer) as month_of_year,
    month >= first_month as is_shown,
    month = release_month as is_release_month
from months
where month <= release_month
