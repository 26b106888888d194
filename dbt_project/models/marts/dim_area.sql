select
    cast(area_id as varchar) as area_id,
    cast(area_name as varchar) as area_name,
    cast(area_kind as varchar) as area_kind,
    cast(parent_area_id as varchar) as parent_area_id,
    cast(overlapped_area_ids as varchar) as overlapped_area_ids,
    cast(valid_from as date) as valid_from,
    cast(valid_to as date) as valid_to,
    cast(note as varchar) as note
from {{ ref('core_areas') }}
