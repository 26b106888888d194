{{ config(materialized='incremental', replaced="{{ of_changed_years('period_id', 'totals') }}", ordered_by='period_id') }}
-- depends_on: {{ ref('core_changed_years') }}
select
    cast(indicator_id as varchar) as indicator_id,
    cast(hierarchy as varchar) as hierarchy,
    cast(area_id as varchar) as area_id,
    cast({{ period_of('month', 'window_kind') }} as varchar) as period_id,
    cast(window_kind as varchar) as window_kind,
    cast(value as decimal(20,6)) as value,
    cast(value_low as decimal(20,6)) as value_low,
    cast(value_high as decimal(20,6)) as value_high,
    cast(unit as varchar) as unit,
    cast(obs_status as varchar) as obs_status,
    cast(basis as varchar) as basis,
    cast(submission_count as integer) as submission_count,
    cast(expected_submission_count as integer) as expected_submission_count,
    cast(stale_submission_count as integer) as stale_submission_count,
    cast(includes_dengzhou as boolean) as includes_dengzhou,
    cast(zones_included as varchar) as zones_included,
    cast(is_practice as boolean) as is_practice
from {{ ref('core_observations') }}
where {{ in_changed_years('month', 'totals') }}
