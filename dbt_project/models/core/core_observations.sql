{{ config(materialized='incremental', replaced="{{ of_changed_years('month', 'totals') }}", ordered_by='month') }}
-- depends_on: {{ ref('core_changed_years') }}
-- Values by area and for the whole city, with the ratios that are made of their sums. A total with some submissions missing, resting
-- on an older roster, or holding what a unit has still to explain, is provisional (P) and holds what is there; one with none is
-- missing (M) and null; where an overlap is not known there is a range, an estimate (E), and no value: of a ratio the widest one
-- that the ranges of its two sums allow.
with measured as (
    select
        area_values.indicator_id,
        area_values.hierarchy,
        area_values.area_id,
        area_values.month,
        area_values.window_kind,
        case when area_values.value_low = area_values.value_high then area_values.value_high end as value,
        area_values.value_low,
        area_values.value_high,
        case
            when area_values.value_high is null then 'M'
            when area_values.value_low <> area_values.value_high then 'E'
            when area_values.is_city_figure and area_values.open_count = 0 then 'A'
            when area_values.submission_count - area_values.stale_count < area_values.expected_count or area_values.open_count > 0 then 'P'
            else 'A'
        end as obs_status,
        case
            when area_values.is_city_figure then '部门报的全市数'
            when forms.row_kind = 'counts' then '各填报单位相加'
            else '按登记号去重后相加'
        end
        || case when area_values.value_low <> area_values.value_high then '；重叠多少不清楚，只给范围' else '' end as basis,
        area_values.submission_count,
        area_values.expected_count,
        area_values.stale_count,
        -- What a department's figure of the whole city holds, the figure does not say.
        case when not area_values.is_city_figure then area_values.includes_separate_area end as includes_separate_area,
        case when not area_values.is_city_figure then area_values.zones_included end as zones_included
    from {{ ref('core_area_values') }} as area_values
    inner join {{ ref('core_forms') }} as forms on forms.form = area_values.form
    where {{ in_changed_years('area_values.month', 'totals') }}
),

-- A year of monthly or quarterly flows is whole with its December, if nothing is missing.
whole_years as (
    select * from measured where window_kind = 'ytd' and month like '%-12' and obs_status = 'A'
),

ratios as (
    select
        indicators.indicator_id,
        numerators.hierarchy,
        numerators.area_id,
        numerators.month,
        numerators.window_kind,
        {{ ratio_of('numerators.value_low', 'denominators.value_high') }} as value_low,
        {{ ratio_of('numerators.value_high', 'denominators.value_low') }} as value_high,
        numerators.obs_status = 'P' or denominators.obs_status = 'P' as is_provisional,
        case when numerators.submission_count < denominators.submission_count then numerators.submission_count else denominators.submission_count end
            as submission_count,
        numerators.expected_count,
        numerators.stale_count,
        numerators.includes_separate_area,
        numerators.zones_included
    from {{ ref('core_indicators') }} as indicators
    inner join measured as numerators on numerators.indicator_id = indicators.numerator_id
    inner join measured as denominators
        on denominators.indicator_id = indicators.denominator_id
        and {{ same(['hierarchy', 'area_id', 'month', 'window_kind'], 'denominators', 'numerators') }}
),

observed as (
    select
        indicator_id, hierarchy, area_id, month, window_kind, value, value_low, value_high, obs_status, basis,
        submission_count, expected_count, stale_count, includes_separate_area, zones_included
    from measured
    union all
    select
        indicator_id, hierarchy, area_id, month, 'year' as window_kind, value, value_low, value_high, obs_status, basis,
        submission_count, expected_count, stale_count, includes_separate_area, zones_included
    from whole_years
    union all
    select
        indicator_id,
        hierarchy,
        area_id,
        month,
        window_kind,
        case when value_low = value_high then value_high end as value,
        case when value_high is not null then value_low end as value_low,
        value_high,
        case when value_high is null then 'M' when value_low <> value_high then 'E' when is_provisional then 'P' else 'A' end as obs_status,
        '分子、分母分别相加后相除' || case when value_low <> value_high then '；重叠多少不清楚，只给范围' else '' end as basis,
        submission_count, expected_count, stale_count, includes_separate_area, zones_included
    from ratios
)

select
    observed.indicator_id,
    observed.hierarchy,
    observed.area_id,
    observed.month,
    observed.window_kind,
    cast(observed.value as decimal(20,6)) as value,
    cast(observed.value_low as decimal(20,6)) as value_low,
    cast(observed.value_high as decimal(20,6)) as value_high,
    indicators.unit,
    observed.obs_status,
    observed.basis,
    cast(observed.submission_count as integer) as submission_count,
    cast(observed.expected_count as integer) as expected_submission_count,
    cast(observed.stale_count as integer) as stale_submission_count,
    observed.includes_separate_area as includes_dengzhou,
    observed.zones_included,
    load_context.is_practice
from observed
inner join {{ ref('core_indicators') }} as indicators on indicators.indicator_id = observed.indicator_id
cross join {{ ref('stg_load_context') }} as load_context
