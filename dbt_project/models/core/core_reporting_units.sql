select
    units.reporting_unit_id,
    units.reporting_unit_name,
    units.unit_kind,
    units.area_id,
    areas.area_kind,
    areas.is_listed_separately,
    units.valid_from,
    units.valid_to
from {{ ref('reporting_units') }} as units
inner join {{ ref('core_areas') }} as areas on areas.area_id = units.area_id
