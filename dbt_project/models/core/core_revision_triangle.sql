{{ config(materialized='view') }}
-- Every estimate of an observation in its turn, for the whole city and for each reporting area: vintages in which nothing but the
-- status changed are left out, and so are those without a value or in a unit that the indicator has no longer.
-- Only what has a second vintage is put in order; most has none.
{% set key = ['indicator_id', 'hierarchy', 'area_id', 'month', 'window_kind'] %}
with changed as (
    select {{ key | join(', ') }} from {{ ref('core_observation_vintages') }} where vintage = 2
),

valued as (
    select
        vintages.*,
        changed.indicator_id is not null as is_changed
    from {{ ref('core_observation_vintages') }} as vintages
    inner join {{ ref('core_indicators') }} as indicators
        on indicators.indicator_id = vintages.indicator_id and indicators.unit = vintages.unit
    left join changed on {{ same(key, 'changed', 'vintages') }}
    where vintages.value is not null and vintages.hierarchy in ('city', 'reported')
),

stepped as (
    select
        *,
        lag(value) over (partition by {{ key | join(', ') }} order by vintage) as previous_value
    from valued
    where is_changed
)

select
    {{ key | join(', ') }},
    1 as estimate,
    release_id,
    known_from,
    value,
    value as first_value,
    value as latest_value,
    unit,
    is_practice
from valued
where not is_changed
union all
select
    {{ key | join(', ') }},
    row_number() over (partition by {{ key | join(', ') }} order by vintage) as estimate,
    release_id,
    known_from,
    value,
    first_value(value) over (partition by {{ key | join(', ') }} order by vintage) as first_value,
    first_value(value) over (partition by {{ key | join(', ') }} order by vintage desc) as latest_value,
    unit,
    is_practice
from stepped
where previous_value is null or value <> previous_value
