select
    cast(reporting_unit_id as varchar) as reporting_unit_id,
    cast(reporting_unit_name as varchar) as reporting_unit_name,
    cast(unit_kind as varchar) as unit_kind,
    cast(area_id as varchar) as area_id,
    cast(valid_from as date) as valid_from,
    cast(valid_to as date) as valid_to
from {{ ref('core_reporting_units') }}
