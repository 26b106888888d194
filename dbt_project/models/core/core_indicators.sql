-- The catalogue; an indicator with a source form is computed here, the others are only quoted from documents so far.
select
    indicator_id,
    indicator_label,
    unit,
    cast(decimals as integer) as decimals,
    direction,
    measure,
    aggregation,
    source_form,
    cast(plan_row as integer) as plan_row,
    definition,
    responsible_unit,
    source_form is not null as is_computed,
    cast(null as varchar) as variant_of
from {{ ref('indicators') }}
