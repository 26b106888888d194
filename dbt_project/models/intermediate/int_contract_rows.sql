-- A contract counts once. A county's own row comes before a zone's, an earlier month before a later one; the rest are overlap.
with rows_with_unit as (
    select
        contracts.*,
        units.unit_kind,
        units.area_id,
        case units.unit_kind when 'county' then 1 when 'zone' then 2 else 3 end as unit_rank
    from {{ ref('stg_technical_contracts') }} as contracts
    inner join {{ ref('reporting_units') }} as units on units.reporting_unit_id = contracts.reporting_unit_id
)

select
    *,
    row_number() over (
        partition by contract_no order by unit_rank, month, reporting_unit_id, row_number
    ) as place,
    count(*) over (partition by contract_no) as mention_count,
    max(case when unit_kind = 'zone' then area_id end) over (partition by contract_no) as zone_area_id
from rows_with_unit
