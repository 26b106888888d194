-- The release month's city figures, computed straight from the public facts; money up to the rounding of each unit's
-- total to 100 yuan.
with release_month as (
    select period_id, last_on from {{ ref('dim_period') }} where is_release_month
),

recomputed as (
    select 'tech_contract_turnover' as indicator_id, sum(contract_value) / 10000 as value
    from {{ ref('fct_technical_contracts') }} as facts
    inner join release_month on release_month.period_id = facts.period_id
    union all
    select 'tech_contract_count' as indicator_id, count(*) as value
    from {{ ref('fct_technical_contracts') }} as facts
    inner join release_month on release_month.period_id = facts.period_id
    union all
    select 'science_popularisation_attendances' as indicator_id, sum(attendance) as value
    from {{ ref('fct_popular_science_events') }} as facts
    inner join release_month on release_month.period_id = facts.period_id
    union all
    select 'high_tech_enterprises' as indicator_id, count(distinct uscc) as value
    from {{ ref('fct_high_tech_enterprises') }} as facts
    inner join release_month
        on facts.issued_on <= release_month.last_on
        and facts.valid_until >= release_month.last_on
        and (facts.revoked_on is null or facts.revoked_on > release_month.last_on)
        and (facts.left_register_month is null or facts.left_register_month > release_month.period_id)
)

select
    observations.indicator_id,
    observations.value as observed,
    recomputed.value as recomputed
from {{ ref('observations') }} as observations
inner join release_month on release_month.period_id = observations.period_id
inner join recomputed on recomputed.indicator_id = observations.indicator_id
where observations.hierarchy = 'city'
  and observations.window_kind in ('month', 'point')
  and abs(coalesce(observations.value, 0) - coalesce(recomputed.value, 0)) > 0.0001
