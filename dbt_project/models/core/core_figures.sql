-- A figure's level in its indicator's unit: the printed value where it lies in the interval, else the interval's middle
-- (the printed unit was another one). Figures open to one side have no level.
select
    *,
    case
        when lower is null or upper is null then null
        when value >= lower and value <= upper then value
        else cast((lower + upper) * cast(0.5 as decimal(2,1)) as decimal(20,6))
    end as level_value
from {{ ref('stg_published_figures') }}
