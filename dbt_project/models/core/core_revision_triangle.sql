-- Every estimate of an observation in its turn, for the whole city and for each reporting area: vintages in which nothing but the
-- status changed are left out, and so are those without a value or in a unit that the indicator has no longer.
with valued as (
    select
        vintages.*,
        lag(vintages.value) over (
            partition by vintages.indicator_id, vintages.hierarchy, vintages.area_id, vintages.month, vintages.window_kind
            order by vintages.vintage
        ) as previous_value
    from {{ ref('core_observation_vintages') }} as vintages
    inner join {{ ref('core_indicators') }} as indicators
        on indicators.indicator_id = vintages.indicator_id and indicators.unit = vintages.unit
    where vintages.value is not null and vintages.hierarchy in ('city', 'reported')
)

select
    indicator_id,
    hierarchy,
    area_id,
    month,
    window_kind,
    row_number() over (partition by indicator_id, hierarchy, area_id, month, window_kind order by vintage) as estimate,
    release_id,
    known_from,
    {{ dbt.datediff(first_day('month'), 'known_from', 'month') }} as months_after,
    value,
    first_value(value) over (partition by indicator_id, hierarchy, area_id, month, window_kind order by vintage) as first_value,
    first_value(value) over (partition by indicator_id, hierarchy, area_id, month, window_kind order by vintage desc) as latest_value,
    unit,
    is_practice
from valued
where previous_value is null or value <> previous_value
