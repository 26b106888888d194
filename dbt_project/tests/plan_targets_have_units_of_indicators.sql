-- A target is held against its indicator's values as they are: both are in the same unit.
select targets.target_id, targets.unit, indicators.unit as indicator_unit
from {{ ref('plan_targets') }} as targets
inner join {{ ref('core_indicators') }} as indicators on indicators.indicator_id = targets.indicator_id
where targets.unit <> indicators.unit
