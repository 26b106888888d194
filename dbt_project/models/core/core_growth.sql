{{ config(materialized='incremental', replaced="{{ of_changed_years('month', 'growth') }}", ordered_by='month') }}
-- depends_on: {{ ref('core_changed_years') }}
-- Every observation against the same period of last year and against the period before, against its city, and among its peers.
--   Growth is in percent; of an indicator in percent it is the difference in percentage points, whatever the base.
--   No growth without a base, from a base of zero or less, of a rank, or across a change of definition.
--   What builds up within the year (year-to-date, a year's own stock) has no period before to be set against.
--   Shares and contributions only of what adds up over areas; a contribution needs no growth of its own: a base of zero will do.
--   Ranks among areas of one kind in one hierarchy; equal values share a rank, and what is missing has none. Where only a range
--   is known of a value, the areas whose place depends on it have none either.
{% set series = ['indicator_id', 'hierarchy', 'area_id', 'window_kind'] %}
-- The last change of definition up to each period.
with changes as (
    select indicator_id, unnest(string_split(breaks, ' ')) as month
    from {{ ref('core_indicators') }}
    where breaks <> ''
),

breaks as (
    select indicator_id, {{ month_number('month') }} as break_number from changes
),

-- A stock is set against the one its form asked for before; of a yearly form that is last year's, which is there already.
form_steps as (
    select form, min(case frequency when 'monthly' then 1 when 'quarterly' then 3 end) as months_between
    from {{ ref('obligations') }}
    group by form
),

dated as (
    select
        observations.*,
        {{ month_number('observations.month') }} as month_number
    from {{ ref('core_observations') }} as observations
    where {{ in_changed_years('observations.month', 'growth_bases') }}
),

observed as (
    select
        dated.indicator_id,
        dated.hierarchy,
        dated.area_id,
        areas.area_kind,
        dated.month,
        dated.month_number,
        dated.window_kind,
        case
            when dated.window_kind = 'quarter' then dated.month_number - 2
            when dated.window_kind in ('ytd', 'year') then dated.month_number - dated.month_number % 12
            else dated.month_number
        end as first_number,
        case
            when dated.window_kind = 'month' then 1
            when dated.window_kind = 'quarter' then 3
            when dated.window_kind = 'point' and indicators.measure <> 'year_stock' then form_steps.months_between
        end as months_between,
        breaks.break_number as latest_break,
        dated.value,
        dated.value_low,
        dated.value_high,
        dated.unit,
        dated.obs_status,
        indicators.measure,
        indicators.direction,
        dated.unit = '%' as is_percentage,
        indicators.aggregation in ('sum', 'last') and dated.hierarchy <> 'city' as is_part_of_city,
        dated.is_practice
    from dated
    inner join {{ ref('core_indicators') }} as indicators on indicators.indicator_id = dated.indicator_id
    inner join {{ ref('core_areas') }} as areas on areas.area_id = dated.area_id
    left join form_steps on form_steps.form = indicators.source_form
    asof left join breaks on breaks.indicator_id = dated.indicator_id and breaks.break_number <= dated.month_number
),

paired as (
    select
        observed.*,
        last_year.value as value_last_year,
        last_year.value_high as value_last_year_high,
        last_year.first_number as last_year_from,
        last_year.obs_status as status_last_year,
        last_period.value as value_last_period,
        last_period.value_high as value_last_period_high,
        last_period.first_number as last_period_from,
        last_period.obs_status as status_last_period
    from observed
    left join observed as last_year
        on {{ same(series, 'last_year', 'observed') }} and last_year.month_number = observed.month_number - 12
    left join observed as last_period
        on {{ same(series, 'last_period', 'observed') }}
        and last_period.month_number = observed.month_number - observed.months_between
    where {{ in_changed_years('observed.month', 'growth') }}
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

-- What can be ranked, the greater `least` and `most` the better.
ranked as (
    select
        {{ (series + ['area_kind', 'month']) | join(', ') }},
        case when direction = 'decrease' then -value_high else value_low end as least,
        case when direction = 'decrease' then -value_low else value_high end as most
    from observed
    where value_high is not null and area_kind <> 'city' and {{ in_changed_years('month', 'growth') }}
),

ranks as (
    select
        *,
        rank() over (peers order by least desc) as area_rank,
        count(*) over peers as ranked_count,
        max(case when least < most then 1 else 0 end) over peers = 1 as holds_ranges
    from ranked
    window peers as (partition by indicator_id, hierarchy, area_kind, month, window_kind)
),

-- Where an area among them has but a range, a rank holds only if it is the same wherever in their ranges the values lie.
certain_ranks as (
    select
        ranks.indicator_id, ranks.hierarchy, ranks.area_id, ranks.month, ranks.window_kind,
        1 + count(case when peers.least > ranks.most then 1 end) as best_rank,
        1 + count(case when peers.most > ranks.least then 1 end) as worst_rank
    from ranks
    left join ranks as peers
        on {{ same(['indicator_id', 'hierarchy', 'area_kind', 'month', 'window_kind'], 'peers', 'ranks') }}
        and peers.area_id <> ranks.area_id
    where ranks.holds_ranges
    group by ranks.indicator_id, ranks.hierarchy, ranks.area_id, ranks.month, ranks.window_kind
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
        when grown.is_part_of_city and city.value > 0 then cast(grown.value as double) / cast(city.value as double) * 100
    end as decimal(28,4)) as share_of_city,
    cast(case
        when grown.is_part_of_city and city.growth is not null
            then cast(grown.value - grown.value_last_year as double) / cast(city.value_last_year as double) * 100
    end as decimal(28,4)) as contribution_to_city_growth,
    grown.hierarchy <> 'city' and coalesce(city.obs_status in ('P', 'E') or city.status_last_year in ('P', 'E'), false)
        as is_city_provisional,
    cast(case
        when not ranks.holds_ranges then ranks.area_rank
        when certain_ranks.best_rank = certain_ranks.worst_rank then certain_ranks.best_rank
    end as integer) as area_rank,
    cast(ranks.ranked_count as integer) as ranked_count,
    grown.is_practice
from grown
left join grown as city
    on city.hierarchy = 'city'
    and city.indicator_id = grown.indicator_id
    and city.month = grown.month
    and city.window_kind = grown.window_kind
left join ranks on {{ same(series + ['month'], 'ranks', 'grown') }}
left join certain_ranks on {{ same(series + ['month'], 'certain_ranks', 'grown') }}
