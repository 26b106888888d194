select
    cast(observations.month as varchar) as period_id,
    cast({{ first_day('observations.month') }} as date) as month_on,
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
    cast(min(case when includes_dengzhou then 1 else 0 end) = 1 as boolean) as includes_dengzhou,
    cast(observations.is_practice as boolean) as is_practice
from {{ ref('core_observations') }} as observations
where hierarchy = 'city'
group by observations.month, observations.is_practice
