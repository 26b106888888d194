-- Every observation against the same period of last year and against the period before, against its city, and among its peers.
--   Growth is in percent; of an indicator in percent it is the difference in percentage points, whatever the base.
--   No growth without a base, from a base of zero or less, of a rank, or across a change of definition.
--   What builds up within the year (year-to-date, a year's own stock) has no period before to be set against.
--   Shares and contributions only of what adds up over areas; a contribution needs no growth of its own: a base of zero will do.
--   Ranks among areas of one kind in one hierarchy; equal values share a rank, and what is missing has none.
with months as (
    select
        month,
        year * 12 + month_of_year as month_number,
        min(month) over (partition by year, quarter) as quarter_from,
        min(month) over (partition by year) as year_from
    from {{ ref('int_months') }}
),

-- The last month up to each in which an indicator's definition changed.
latest_breaks as (
    select indicators.indicator_id, months.month, max(changes.month) as latest_break
    from {{ ref('core_indicators') }} as indicators
    cross join months
    inner join months as changes
        on changes.month <= months.month and indicators.breaks like {{ dbt.concat(["'%'", "changes.month", "'%'"]) }}
    group by indicators.indicator_id, months.month
),

-- A stock is set against the one its form asked for before; of a yearly form that is last year's, which is there already.
form_steps as (
    select form, min(case frequency when 'monthly' then 1 when 'quarterly' then 3 end) as months_between
    from {{ ref('obligations') }}
    group by form
),

observed as (
    select
        observations.indicator_id,
        observations.hierarchy,
        observations.area_id,
        areas.area_kind,
        observations.month,
        months.month_number,
        observations.window_kind,
        case
            when observations.window_kind = 'quarter' then months.quarter_from
            when observations.window_kind in ('ytd', 'year') then months.year_from
            else observations.month
        end as covers_from,
        case
            when observations.window_kind = 'month' then 1
            when observations.window_kind = 'quarter' then 3
            when observations.window_kind = 'point' and indicators.measure <> 'year_stock' then form_steps.months_between
        end as months_between,
        latest_breaks.latest_break,
        observations.value,
        observations.unit,
        observations.obs_status,
        indicators.measure,
        indicators.direction,
        observations.unit = '%' as is_percentage,
        indicators.aggregation in ('sum', 'last') as adds_over_areas,
        observations.is_practice
    from {{ ref('core_observations') }} as observations
    inner join {{ ref('core_indicators') }} as indicators on indicators.indicator_id = observations.indicator_id
    inner join {{ ref('core_areas') }} as areas on areas.area_id = observations.area_id
    inner join months on months.month = observations.month
    left join form_steps on form_steps.form = indicators.source_form
    left join latest_breaks on latest_breaks.indicator_id = observations.indicator_id and latest_breaks.month = observations.month
),

paired as (
    select
        observed.*,
        last_year.value as value_last_year,
        last_year.covers_from as last_year_from,
        last_year.obs_status as status_last_year,
        last_period.value as value_last_period,
        last_period.covers_from as last_period_from,
        last_period.obs_status as status_last_period
    from observed
    left join observed as last_year
        on last_year.indicator_id = observed.indicator_id
        and last_year.hierarchy = observed.hierarchy
        and last_year.area_id = observed.area_id
        and last_year.window_kind = observed.window_kind
        and last_year.month_number = observed.month_number - 12
    left join observed as last_period
        on last_period.indicator_id = observed.indicator_id
        and last_period.hierarchy = observed.hierarchy
        and last_period.area_id = observed.area_id
        and last_period.window_kind = observed.window_kind
        and last_period.month_number = observed.month_number - observed.months_between
),

noted as (
    select
        *,
        {{ growth_note('value', 'value_last_year', 'last_year_from') }} as growth_note,
        case when months_between is not null then {{ growth_note('value', 'value_last_period', 'last_period_from') }} end
            as period_growth_note
    from paired
),

grown as (
    select
        *,
        {{ growth('value', 'value_last_year', 'growth_note') }} as growth,
        {{ growth('value', 'value_last_period', 'period_growth_note') }} as period_growth
    from noted
),

ranks as (
    select
        indicator_id,
        hierarchy,
        area_id,
        month,
        window_kind,
        rank() over (
            partition by indicator_id, hierarchy, area_kind, month, window_kind
            order by case when direction = 'decrease' then value else -value end
        ) as area_rank,
        count(*) over (partition by indicator_id, hierarchy, area_kind, month, window_kind) as ranked_count
    from observed
    where value is not null and area_kind <> 'city'
)

select
    grown.indicator_id,
    grown.hierarchy,
    grown.area_id,
    grown.month,
    grown.window_kind,
    grown.value,
    grown.unit,
    grown.obs_status,
    grown.value_last_year,
    grown.growth,
    grown.growth_note,
    grown.obs_status in ('P', 'E') or coalesce(grown.status_last_year in ('P', 'E'), false) as is_provisional,
    grown.value_last_period,
    grown.period_growth,
    grown.period_growth_note,
    grown.months_between is not null and (grown.obs_status in ('P', 'E') or coalesce(grown.status_last_period in ('P', 'E'), false))
        as is_period_provisional,
    case when grown.measure = 'rank' then null when grown.is_percentage then '百分点' else '%' end as growth_unit,
    cast(case
        when grown.adds_over_areas and city.value > 0 then cast(grown.value as double) / cast(city.value as double) * 100
    end as decimal(28,4)) as share_of_city,
    cast(case
        when grown.adds_over_areas and city.growth is not null
            then cast(grown.value - grown.value_last_year as double) / cast(city.value_last_year as double) * 100
    end as decimal(28,4)) as contribution_to_city_growth,
    coalesce(city.obs_status in ('P', 'E') or city.status_last_year in ('P', 'E'), false) as is_city_provisional,
    cast(ranks.area_rank as integer) as area_rank,
    cast(ranks.ranked_count as integer) as ranked_count,
    grown.is_practice
from grown
left join grown as city
    on city.hierarchy = 'city'
    and grown.hierarchy <> 'city'
    and city.indicator_id = grown.indicator_id
    and city.month = grown.month
    and city.window_kind = grown.window_kind
left join ranks
    on ranks.indicator_id = grown.indicator_id
    and ranks.hierarchy = grown.hierarchy
    and ranks.area_id = grown.area_id
    and ranks.month = grown.month
    and ranks.window_kind = grown.window_kind
