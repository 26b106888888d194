{{ config(materialized='incremental', replaced='build < (select max(build) from {{ this }})', ordered_by='year') }}
-- What the totals of each year are made of, in one number: two builds with the same number make the same totals. Here are the
-- numbers of this build and of the one before. Whatever else totals are made of comes from the seeds alone: when those or any SQL
-- change, the warehouse is built from nothing (pipelines/warehouse.py).
with inputs as (
    select 'measures' as made_of, substring(month, 1, 4) as year, hash(measures) as fingerprint from {{ ref('core_unit_measures') }} as measures
    union all
    select 'measures' as made_of, substring(month, 1, 4) as year, hash(shares) as fingerprint from {{ ref('core_zone_shares') }} as shares
    union all
    select 'categories' as made_of, substring(month, 1, 4) as year, hash(contributions) as fingerprint
    from {{ ref('core_category_contributions') }} as contributions
)

select
    inputs.made_of,
    inputs.year,
    cast(sum(inputs.fingerprint) + hash(load_context.is_practice) as varchar) as fingerprint,
    {% if is_incremental() -%}
    (select 1 + max(build) from {{ this }})
    {%- else -%} 1 {%- endif %} as build
from inputs
cross join {{ ref('stg_load_context') }} as load_context
group by inputs.made_of, inputs.year, load_context.is_practice
