-- The arithmetic of core_unit_measures ends in these units; a catalogue that says otherwise would mislabel the values.
with computed as (
    select 'tech_contract_turnover' as indicator_id, '亿元' as unit
    union all
    select 'tech_transaction_value' as indicator_id, '亿元' as unit
    union all
    select 'tech_contract_count' as indicator_id, '项' as unit
    union all
    select 'high_tech_enterprises' as indicator_id, '家' as unit
    union all
    select 'high_tech_enterprises_new' as indicator_id, '家' as unit
    union all
    select 'science_popularisation_events' as indicator_id, '场次' as unit
    union all
    select 'science_popularisation_attendances' as indicator_id, '人次' as unit
)

select computed.indicator_id, computed.unit as computed_unit, indicators.unit as catalogue_unit
from computed
full outer join {{ ref('dim_indicator') }} as indicators
    on indicators.indicator_id = computed.indicator_id
where (computed.indicator_id is not null or indicators.is_computed)
  and (computed.unit is null or indicators.unit is null or computed.unit <> indicators.unit or not indicators.is_computed)
