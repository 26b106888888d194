-- How much first figures are revised in the end. Of revisions that are added up, never of averaged percentages.
with observed as (
    select
        indicator_id,
        hierarchy,
        window_kind,
        unit,
        is_practice,
        max(estimate) > 1 as is_revised,
        max(latest_value - first_value) as revision,
        max(abs(first_value)) as size
    from {{ ref('core_revision_triangle') }}
    group by indicator_id, hierarchy, area_id, month, window_kind, unit, is_practice
)

select
    cast(indicator_id as varchar) as indicator_id,
    cast(hierarchy as varchar) as hierarchy,
    cast(window_kind as varchar) as window_kind,
    cast(unit as varchar) as unit,
    cast(count(*) as integer) as observation_count,
    cast(sum(case when is_revised then 1 else 0 end) as integer) as revised_count,
    cast(sum(revision) / count(*) as decimal(20,6)) as mean_revision,
    cast(sum(abs(revision)) / count(*) as decimal(20,6)) as mean_absolute_revision,
    cast(sum(abs(revision)) / nullif(sum(size), 0) as double) as relative_absolute_revision,
    cast(is_practice as boolean) as is_practice
from observed
group by indicator_id, hierarchy, window_kind, unit, is_practice
