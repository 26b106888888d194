-- The least values of the counties never add up to more than the city, the most never to less, in the statutory and in the
-- statistical hierarchy: nothing is counted twice or lost when zones are put where they belong.
with totals as (
    select indicator_id, month, window_kind, hierarchy, sum(value_low) as value_low, sum(value_high) as value_high
    from {{ ref('core_area_values') }}
    group by indicator_id, month, window_kind, hierarchy
)

select
    city.indicator_id,
    city.month,
    city.window_kind,
    areas.hierarchy,
    city.value_high as city_value,
    areas.value_low,
    areas.value_high
from totals as city
inner join totals as areas
    on areas.indicator_id = city.indicator_id
    and areas.month = city.month
    and areas.window_kind = city.window_kind
    and areas.hierarchy in ('statutory', 'statistical')
inner join {{ ref('core_indicators') }} as indicators on indicators.indicator_id = city.indicator_id
where city.hierarchy = 'city'
  and not exists (
      select 1 from {{ ref('reporting_units') }} as units
      inner join {{ ref('overlap_rules') }} as rules on rules.reporting_unit_id = units.reporting_unit_id
      where units.unit_kind = 'department' and rules.form = indicators.source_form
  )
  and (areas.value_low > city.value_high or areas.value_high < city.value_low)
