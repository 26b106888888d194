-- Values by reporting area and for the whole city. A total with some submissions missing, resting on an older roster, or holding
-- what a unit has still to explain, is provisional (P) and holds what is there; one with none is missing (M) and null. Year-to-date totals expect every month from January.
with measures as (
    select
        measures.*,
        units.area_id,
        units.area_kind,
        units.is_listed_separately
    from {{ ref('core_unit_measures') }} as measures
    inner join {{ ref('core_reporting_units') }} as units on units.reporting_unit_id = measures.reporting_unit_id
),

windows as (
    select indicator_id, area_id, area_kind, is_listed_separately, month, value,
        case when is_stock then 'point' else 'month' end as window_kind,
        case when is_covered or is_stale then 1 else 0 end as submission_count,
        case when is_stale then 1 else 0 end as stale_count,
        case when is_open then 1 else 0 end as open_count,
        case when is_expected then 1 else 0 end as expected_count
    from measures
    where is_shown
    union all
    select upto.indicator_id, upto.area_id, upto.area_kind, upto.is_listed_separately, upto.month, sum(earlier.value) as value,
        'ytd' as window_kind,
        sum(case when earlier.is_covered then 1 else 0 end) as submission_count,
        0 as stale_count,
        sum(case when earlier.is_open then 1 else 0 end) as open_count,
        sum(case when earlier.is_expected then 1 else 0 end) as expected_count
    from measures as upto
    inner join measures as earlier
        on earlier.indicator_id = upto.indicator_id
        and earlier.reporting_unit_id = upto.reporting_unit_id
        and earlier.year = upto.year
        and earlier.month <= upto.month
    where upto.is_shown and not upto.is_stock
    group by upto.indicator_id, upto.reporting_unit_id, upto.area_id, upto.area_kind, upto.is_listed_separately, upto.month
),

areas as (
    select
        indicator_id,
        'reported' as hierarchy,
        area_id,
        area_kind,
        is_listed_separately,
        month,
        window_kind,
        sum(value) as value,
        sum(submission_count) as submission_count,
        sum(stale_count) as stale_count,
        sum(open_count) as open_count,
        sum(expected_count) as expected_count
    from windows
    group by indicator_id, area_id, area_kind, is_listed_separately, month, window_kind
),

city as (
    select area_id from {{ ref('core_areas') }} where area_kind = 'city'
),

rows_of_both as (
    select
        indicator_id,
        hierarchy,
        area_id,
        month,
        window_kind,
        value,
        submission_count,
        stale_count,
        open_count,
        expected_count,
        is_listed_separately and value is not null as includes_separate_area,
        case when area_kind = 'zone' and value is not null then area_id end as zones_included
    from areas
    union all
    select
        areas.indicator_id,
        'city' as hierarchy,
        city.area_id,
        areas.month,
        areas.window_kind,
        sum(areas.value) as value,
        sum(areas.submission_count) as submission_count,
        sum(areas.stale_count) as stale_count,
        sum(areas.open_count) as open_count,
        sum(areas.expected_count) as expected_count,
        max(case when areas.is_listed_separately and areas.value is not null then 1 else 0 end) = 1 as includes_separate_area,
        {{ dbt.listagg(
            "case when areas.area_kind = 'zone' and areas.value is not null then areas.area_id end", "','", "order by areas.area_id"
        ) }} as zones_included
    from areas
    cross join city
    group by areas.indicator_id, city.area_id, areas.month, areas.window_kind
)

select
    observed.indicator_id,
    observed.hierarchy,
    observed.area_id,
    observed.month,
    observed.window_kind,
    cast(observed.value as decimal(20,6)) as value,
    indicators.unit,
    case
        when observed.value is null then 'M'
        when observed.submission_count - observed.stale_count < observed.expected_count or observed.open_count > 0 then 'P'
        else 'A'
    end as obs_status,
    case
        when indicators.source_form = 'technical_contracts' then '按合同登记编号去重'
        when indicators.source_form = 'high_tech_enterprises' then '按证书编号和统一社会信用代码去重'
        else '各填报单位相加'
    end as basis,
    cast(observed.submission_count as integer) as submission_count,
    cast(observed.expected_count as integer) as expected_submission_count,
    cast(observed.stale_count as integer) as stale_submission_count,
    observed.includes_separate_area as includes_dengzhou,
    observed.zones_included,
    load_context.is_practice
from rows_of_both as observed
inner join {{ ref('core_indicators') }} as indicators on indicators.indicator_id = observed.indicator_id
cross join {{ ref('stg_load_context') }} as load_context
