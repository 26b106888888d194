-- Which reporting unit belongs to which area of which hierarchy, and from when to when: a split, a merge or a renaming is a row of
-- the seeds, and the totals before and after it follow. `is_certain` is false where a zone lies in several counties, and how much
-- of it in which is not known.
-- The hierarchies: `reported`, each unit's own area; `city`, everything; `statutory`, counties with the zones that lie in them;
-- `statistical`, the same with the zones that have a statistical code on their own; `zone`, zones alone.
with units as (
    select reporting_unit_id, area_id, unit_kind, valid_from, valid_to from {{ ref('reporting_units') }}
),

city as (
    select area_id from {{ ref('areas') }} where area_kind = 'city'
),

links as (
    select
        hierarchy,
        relation,
        child_area_id,
        parent_area_id,
        coalesce(valid_from, cast('1900-01-01' as date)) as valid_from,
        coalesce(valid_to, cast('9999-12-31' as date)) as valid_to
    from {{ ref('area_links') }}
),

-- A zone lies in a county from when to when; where spans of two counties meet, neither is certain.
zones_in_counties as (
    select
        zones.child_area_id as zone_area_id,
        zones.parent_area_id as area_id,
        zones.valid_from,
        zones.valid_to,
        not exists (
            select 1
            from links as others
            where others.relation = 'overlaps'
              and others.child_area_id = zones.child_area_id
              and others.parent_area_id <> zones.parent_area_id
              and others.valid_from <= zones.valid_to
              and others.valid_to >= zones.valid_from
        ) as is_certain
    from links as zones
    where zones.relation = 'overlaps'
),

own_areas as (
    select links.hierarchy, links.child_area_id as area_id, links.valid_from, links.valid_to
    from links
    where links.relation = 'part_of'
),

members as (
    select 'reported' as hierarchy, area_id, reporting_unit_id, cast(null as date) as valid_from, cast(null as date) as valid_to, true as is_certain
    from units
    union all
    select 'city' as hierarchy, city.area_id, units.reporting_unit_id, null as valid_from, null as valid_to, true as is_certain
    from units
    cross join city
    union all
    select 'zone' as hierarchy, area_id, reporting_unit_id, null as valid_from, null as valid_to, true as is_certain
    from units
    where unit_kind = 'zone'
    union all
    select own_areas.hierarchy, units.area_id, units.reporting_unit_id, own_areas.valid_from, own_areas.valid_to, true as is_certain
    from units
    inner join own_areas on own_areas.area_id = units.area_id
    where units.unit_kind in ('county', 'zone')
    union all
    select 'statutory' as hierarchy, zones.area_id, units.reporting_unit_id, zones.valid_from, zones.valid_to, zones.is_certain
    from units
    inner join zones_in_counties as zones on zones.zone_area_id = units.area_id
    union all
    select 'statistical' as hierarchy, zones.area_id, units.reporting_unit_id, zones.valid_from, zones.valid_to, zones.is_certain
    from units
    inner join zones_in_counties as zones on zones.zone_area_id = units.area_id
    left join own_areas on own_areas.hierarchy = 'statistical' and own_areas.area_id = units.area_id
    where own_areas.area_id is null
)

select
    hierarchy,
    area_id,
    reporting_unit_id,
    coalesce(valid_from, cast('1900-01-01' as date)) as valid_from,
    coalesce(valid_to, cast('9999-12-31' as date)) as valid_to,
    is_certain
from members
