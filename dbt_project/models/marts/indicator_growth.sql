{{ config(materialized='incremental', replaced="{{ of_changed_years('period_id', 'growth') }}", ordered_by='period_id') }}
-- depends_on: {{ ref('core_changed_years') }}
select
    cast(indicator_id as varchar) as indicator_id,
    cast(hierarchy as varchar) as hierarchy,
    cast(area_id as varchar) as area_id,
    cast({{ period_of('month', 'window_kind') }} as varchar) as period_id,
    cast(window_kind as varchar) as window_kind,
    cast(value as decimal(20,6)) as value,
    cast(unit as varchar) as unit,
    cast(obs_status as varchar) as obs_status,
    cast(value_last_year as decimal(20,6)) as value_last_year,
    cast(growth as decimal(28,4)) as growth,
    cast(growth_note as varchar) as growth_note,
    cast(is_provisional as boolean) as is_provisional,
    cast(value_last_period as decimal(20,6)) as value_last_period,
    cast(period_growth as decimal(28,4)) as period_growth,
    cast(period_growth_note as varchar) as period_growth_note,
    cast(is_period_provisional as boolean) as is_period_provisional,
    cast(growth_unit as varchar) as growth_unit,
    cast(share_of_city as decimal(28,4)) as share_of_city,
    cast(contribution_to_city_growth as decimal(28,4)) as contribution_to_city_growth,
    cast(is_city_provisional as boolean) as is_city_provisional,
    cast(area_rank as integer) as area_rank,
    cast(ranked_count as integer) as ranked_count,
    cast(is_practice as boolean) as is_practice
from {{ ref('core_growth') }}
where {{ in_changed_years('month', 'growth') }}
