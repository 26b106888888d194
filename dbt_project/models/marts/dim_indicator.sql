select
    cast(indicator_id as varchar) as indicator_id,
    cast(indicator_label as varchar) as indicator_label,
    cast(unit as varchar) as unit,
    cast(decimals as integer) as decimals,
    cast(direction as varchar) as direction,
    cast(measure as varchar) as measure,
    cast(aggregation as varchar) as aggregation,
    cast(source_form as varchar) as source_form,
    cast(plan_row as integer) as plan_row,
    cast(definition as varchar) as definition,
    cast(responsible_unit as varchar) as responsible_unit,
    cast(is_computed as boolean) as is_computed
from {{ ref('core_indicators') }}
