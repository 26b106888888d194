-- Every observation as it was ever released, and as it is now. A status or a range that changes is a new vintage as well as a
-- value.
with kept as (
    select * from {{ ref('stg_kept_observations') }}
),

present as (
    select indicator_id, hierarchy, area_id, month, window_kind, value, value_low, value_high, unit, obs_status
    from {{ ref('core_observations') }}
),

{{ vintages(
    key=['indicator_id', 'hierarchy', 'area_id', 'month', 'window_kind'],
    told=['value', 'value_low', 'value_high', 'unit', 'obs_status']
) }}

select * from vintages
