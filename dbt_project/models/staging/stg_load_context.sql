{{ config(materialized='table') }}
-- A table: one row that every staging view joins.
select
    cast(release_month as varchar) as release_month,
    cast(is_practice as boolean) as is_practice
from {{ source('landing_system', 'load_context') }}
