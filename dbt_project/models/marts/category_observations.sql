{{ config(materialized='incremental', replaced="{{ of_changed_years('period_id', 'categories') }}", ordered_by='period_id') }}
-- depends_on: {{ ref('core_changed_years') }}
select
    cast(indicator_id as varchar) as indicator_id,
    cast(hierarchy as varchar) as hierarchy,
    cast(area_id as varchar) as area_id,
    cast({{ period_of('month', 'window_kind') }} as varchar) as period_id,
    cast(window_kind as varchar) as window_kind,
    cast(category as varchar) as category,
    cast(member as varchar) as member,
    cast(member_label as varchar) as member_label,
    cast(value as decimal(20,6)) as value,
    cast(share as decimal(20,6)) as share,
    cast(obs_status as varchar) as obs_status,
    cast(break_month as varchar) as break_month,
    cast(break_note as varchar) as break_note,
    cast(is_practice as boolean) as is_practice
from {{ ref('core_category_values') }}
where {{ in_changed_years('month', 'categories') }}
