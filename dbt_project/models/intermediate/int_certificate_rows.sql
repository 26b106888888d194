-- A roster is a state, not a month's events: of each unit its latest row for a certificate is in force, and the certificate
-- leaves the unit's register with the first later roster that no longer names it although it had not expired.
-- Across units a certificate counts once: units that still list it first, then a county before a zone, then the latest roster.
with rosters as (
    select reporting_unit_id, month
    from {{ ref('stg_submissions') }}
    where form = 'high_tech_enterprises' and state = 'accepted'
),

latest_rows as (
    select *
    from (
        select
            certificates.*,
            row_number() over (
                partition by certificates.reporting_unit_id, certificates.certificate_no
                order by certificates.month desc, certificates.row_number
            ) as age
        from {{ ref('stg_high_tech_enterprises') }} as certificates
    ) as aged_rows
    where age = 1
),

next_rosters as (
    select
        latest_rows.reporting_unit_id,
        latest_rows.certificate_no,
        min(rosters.month) as next_roster_month
    from latest_rows
    inner join rosters
        on rosters.reporting_unit_id = latest_rows.reporting_unit_id
        and rosters.month > latest_rows.month
    group by latest_rows.reporting_unit_id, latest_rows.certificate_no
),

rows_with_unit as (
    select
        latest_rows.*,
        units.unit_kind,
        units.area_id,
        next_rosters.next_roster_month is null as is_listed,
        case
            when latest_rows.valid_until >= {{ first_day('next_rosters.next_roster_month') }} then next_rosters.next_roster_month
        end as left_register_month,
        case units.unit_kind when 'county' then 1 when 'zone' then 2 else 3 end as unit_rank
    from latest_rows
    inner join {{ ref('reporting_units') }} as units on units.reporting_unit_id = latest_rows.reporting_unit_id
    left join next_rosters
        on next_rosters.reporting_unit_id = latest_rows.reporting_unit_id
        and next_rosters.certificate_no = latest_rows.certificate_no
)

select
    *,
    row_number() over (
        partition by certificate_no
        order by case when is_listed then 1 else 2 end, unit_rank, month desc, reporting_unit_id
    ) as place,
    count(*) over (partition by certificate_no) as mention_count,
    max(case when unit_kind = 'zone' then area_id end) over (partition by certificate_no) as zone_area_id
from rows_with_unit
