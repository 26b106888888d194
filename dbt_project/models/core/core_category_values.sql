{{ config(materialized='incremental', replaced="{{ of_changed_years('month', 'categories') }}", ordered_by='month') }}
-- depends_on: {{ ref('core_changed_years') }}
{% set key = ['wholes.indicator_id', 'wholes.hierarchy', 'wholes.area_id', 'wholes.month', 'wholes.window_kind'] %}
-- The value of an indicator by category, for the city and for each reporting area, where the whole is one number. The members of
-- one category add up to the whole; members of different categories (of the seller's side and of the buyer's) are never added.
with wholes as (
    select
        observations.indicator_id,
        observations.hierarchy,
        observations.area_id,
        observations.month,
        observations.window_kind,
        observations.value,
        observations.obs_status,
        case
            when observations.window_kind = 'ytd' or (observations.window_kind = 'year' and forms.frequency <> 'annual')
                then substring(observations.month, 1, 4) || '-01'
            else observations.month
        end as first_month,
        observations.is_practice
    from {{ ref('core_observations') }} as observations
    inner join {{ ref('core_indicators') }} as indicators on indicators.indicator_id = observations.indicator_id
    inner join {{ ref('core_forms') }} as forms on forms.form = indicators.source_form
    where observations.hierarchy in ('city', 'reported') and observations.value is not null
        and {{ in_changed_years('observations.month', 'categories') }}
),

members as (
    select
        parts.indicator_id,
        parts.hierarchy,
        parts.area_id,
        contributions.category,
        contributions.code_list,
        contributions.member,
        contributions.month,
        sum(contributions.value) as value
    from {{ ref('core_category_contributions') }} as contributions
    inner join {{ ref('core_area_parts') }} as parts
        on parts.indicator_id = contributions.indicator_id
        and parts.reporting_unit_id = contributions.reporting_unit_id
        and parts.month = contributions.month
        and parts.hierarchy in ('city', 'reported')
        and parts.part = 'own'
        and parts.value_high is not null
    where {{ in_changed_years('contributions.month', 'categories') }}
    group by
        parts.indicator_id, parts.hierarchy, parts.area_id, contributions.category, contributions.code_list, contributions.member,
        contributions.month
),

summed as (
    select
        {{ key | join(', ') }},
        any_value(wholes.value) as whole,
        any_value(wholes.obs_status) as obs_status,
        any_value(wholes.is_practice) as is_practice,
        members.category,
        any_value(members.code_list) as code_list,
        members.member,
        sum(members.value) as value
    from wholes
    inner join members
        on members.indicator_id = wholes.indicator_id
        and members.hierarchy = wholes.hierarchy
        and members.area_id = wholes.area_id
        and members.month between wholes.first_month and wholes.month
    group by {{ key | join(', ') }}, members.category, members.member
)

select
    summed.indicator_id,
    summed.hierarchy,
    summed.area_id,
    summed.month,
    summed.window_kind,
    summed.category,
    summed.member,
    case
        when codes.label is not null then codes.label
        when areas.area_name is not null then areas.area_name
        when summed.member = 'elsewhere' then '市外'
        else summed.member
    end as member_label,
    cast(summed.value as decimal(20,6)) as value,
    case when summed.whole > 0 then cast(cast(summed.value as double) / cast(summed.whole as double) * 100 as decimal(20,6)) end as share,
    summed.obs_status,
    breaks.from_month as break_month,
    breaks.note as break_note,
    summed.is_practice
from summed
left join {{ ref('core_code_lists') }} as codes on codes.code_list = summed.code_list and codes.code = summed.member
left join {{ ref('areas') }} as areas on areas.area_id = summed.member
left join {{ ref('category_breaks') }} as breaks on breaks.category = summed.category and breaks.member = summed.member
