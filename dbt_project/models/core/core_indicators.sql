-- The catalogue; an indicator with a source form is computed here, the others are only quoted from documents so far.
select
    indicator_id,
    indicator_label,
    quoted_as,
    unit,
    cast(decimals as integer) as decimals,
    direction,
    measure,
    aggregation,
    source_form,
    numerator_id,
    denominator_id,
    cast(factor as double) as factor,
    areas,
    variant_of,
    cast(plan_row as integer) as plan_row,
    definition,
    responsible_unit,
    first_period,
    last_period,
    breaks,
    source_form is not null as is_computed
from {{ ref('indicators') }}
