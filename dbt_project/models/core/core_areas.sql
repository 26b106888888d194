-- An area's parent is the statutory one; a zone has none but overlaps counties.
with parents as (
    select child_area_id, min(parent_area_id) as parent_area_id
    from {{ ref('area_links') }}
    where hierarchy = 'statutory' and relation = 'part_of'
    group by child_area_id
),

overlapped as (
    select
        child_area_id,
        {{ dbt.listagg('parent_area_id', "','", 'order by parent_area_id') }} as overlapped_area_ids
    from {{ ref('area_links') }}
    where relation = 'overlaps'
    group by child_area_id
)

select
    areas.area_id,
    areas.area_name,
    areas.area_kind,
    parents.parent_area_id,
    overlapped.overlapped_area_ids,
    separate_areas.area_id is not null as is_listed_separately,
    areas.valid_from,
    areas.valid_to,
    areas.note
from {{ ref('areas') }} as areas
left join parents on parents.child_area_id = areas.area_id
left join overlapped on overlapped.child_area_id = areas.area_id
left join {{ ref('separate_areas') }} as separate_areas on separate_areas.area_id = areas.area_id
