select
    cast(observations.month as varchar) as period_id,
    cast({{ first_day('observations.month') }} as date) as month_on,
    cast(observations.area_id as varchar) as area_id,
    cast(areas.area_name as varchar) as area_name,
    cast(areas.area_kind as varchar) as area_kind,
    cast({{ observed('tech_contract_turnover', 'month') }} as decimal(20,6)) as tech_contract_turnover,
    cast({{ observed('tech_contract_turnover', 'ytd') }} as decimal(20,6)) as tech_contract_turnover_ytd,
    cast({{ observed('tech_transaction_value', 'month') }} as decimal(20,6)) as tech_transaction_value,
    cast({{ observed('tech_transaction_value', 'ytd') }} as decimal(20,6)) as tech_transaction_value_ytd,
    cast({{ observed('tech_contract_count', 'month') }} as bigint) as tech_contract_count,
    cast({{ observed('tech_contract_count', 'ytd') }} as bigint) as tech_contract_count_ytd,
    cast({{ observed('high_tech_enterprises', 'point') }} as bigint) as high_tech_enterprises,
    cast({{ observed('high_tech_enterprises_new', 'month') }} as bigint) as high_tech_enterprises_new,
    cast({{ observed('high_tech_enterprises_new', 'ytd') }} as bigint) as high_tech_enterprises_new_ytd,
    cast({{ observed('science_popularisation_events', 'month') }} as bigint) as science_popularisation_events,
    cast({{ observed('science_popularisation_events', 'ytd') }} as bigint) as science_popularisation_events_ytd,
    cast({{ observed('science_popularisation_attendances', 'month') }} as bigint) as science_popularisation_attendances,
    cast({{ observed('science_popularisation_attendances', 'ytd') }} as bigint) as science_popularisation_attendances_ytd,
    cast(sum(case when obs_status = 'P' then 1 else 0 end) as integer) as provisional_count,
    cast(sum(case when obs_status = 'M' then 1 else 0 end) as integer) as missing_count,
    cast(observations.is_practice as boolean) as is_practice
from {{ ref('core_observations') }} as observations
inner join {{ ref('core_areas') }} as areas on areas.area_id = observations.area_id
where observations.hierarchy = 'reported'
group by observations.month, observations.area_id, areas.area_name, areas.area_kind, observations.is_practice
