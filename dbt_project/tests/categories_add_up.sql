-- The members of each category add up to the whole, to the rounding of each to six decimals.
select
    categories.indicator_id,
    categories.hierarchy,
    categories.area_id,
    categories.month,
    categories.window_kind,
    categories.category,
    sum(categories.value) as members_value,
    max(observations.value) as whole
from {{ ref('core_category_values') }} as categories
inner join {{ ref('core_observations') }} as observations
    on observations.indicator_id = categories.indicator_id
    and observations.hierarchy = categories.hierarchy
    and observations.area_id = categories.area_id
    and observations.month = categories.month
    and observations.window_kind = categories.window_kind
group by
    categories.indicator_id, categories.hierarchy, categories.area_id, categories.month, categories.window_kind, categories.category
having abs(sum(categories.value) - max(observations.value)) > 0.0001
