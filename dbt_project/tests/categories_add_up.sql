-- The members of each category add up to the whole, to the rounding of each to six decimals.
select
    categories.indicator_id,
    categories.hierarchy,
    categories.area_id,
    categories.period_id,
    categories.window_kind,
    categories.category,
    sum(categories.value) as members_value,
    max(observations.value) as whole
from {{ ref('category_observations') }} as categories
inner join {{ ref('observations') }} as observations
    on observations.indicator_id = categories.indicator_id
    and observations.hierarchy = categories.hierarchy
    and observations.area_id = categories.area_id
    and observations.period_id = categories.period_id
    and observations.window_kind = categories.window_kind
group by
    categories.indicator_id, categories.hierarchy, categories.area_id, categories.period_id, categories.window_kind, categories.category
having abs(sum(categories.value) - max(observations.value)) > 0.0001
