{{ config(materialized='table') }}
-- A table: one row that every staging view joins.
select
    cast(release_month as varchar) as release_month,
    cast(is_practice as boolean) as is_practice,
    cast(release_id as varchar) as release_id,
    cast(loaded_at as timestamp) as loaded_at,
    cast(method as varchar) as method
from {{ source('landing_system', 'load_context') }}
