{{ config(materialized='incremental', replaced="{{ of_changed_years('month', 'totals') }}", ordered_by='month') }}
-- depends_on: {{ ref('core_changed_years') }}
-- The value of each indicator in each area of each hierarchy and period, and the same since the beginning of the year. Least and
-- most differ where an overlap is not known. Year-to-date totals expect every period from January; where a unit gave the year to
-- date itself, that is what counts of it.
{% set key = ['indicator_id', 'hierarchy', 'area_id', 'month', 'window_kind'] %}
with counting as (
    select
        parts.indicator_id,
        parts.form,
        parts.hierarchy,
        parts.area_id,
        parts.month,
        substring(parts.month, 1, 4) as year,
        parts.window_kind,
        parts.is_shown,
        parts.reporting_unit_id,
        parts.part,
        parts.is_city_figure,
        parts.value_low,
        parts.value_high,
        parts.reported_year_to_date,
        -- What only moves between areas is no report of its own.
        case when parts.part = 'own' and units.area_kind = 'zone' then units.area_id end as zone_area_id,
        parts.part = 'own' and units.is_listed_separately as is_separate_area,
        parts.part = 'own' and units.area_kind <> 'city' as is_of_an_area,
        case when parts.is_covered or parts.is_stale then 1 else 0 end as submission_count,
        case when parts.is_stale then 1 else 0 end as stale_count,
        case when parts.is_open then 1 else 0 end as open_count,
        case when parts.is_expected then 1 else 0 end as expected_count
    from {{ ref('core_area_parts') }} as parts
    inner join {{ ref('core_reporting_units') }} as units on units.reporting_unit_id = parts.reporting_unit_id
    where {{ in_changed_years('parts.month', 'totals') }}
),

windows as (
    select
        indicator_id, form, hierarchy, area_id, month, window_kind, is_city_figure, value_low, value_high, zone_area_id,
        is_separate_area, is_of_an_area, submission_count, stale_count, open_count, expected_count
    from counting
    where is_shown
    union all
    select
        indicator_id,
        form,
        hierarchy,
        area_id,
        month,
        'ytd' as window_kind,
        is_city_figure,
        coalesce(reported_year_to_date, value_low) as value_low,
        coalesce(reported_year_to_date, value_high) as value_high,
        zone_area_id,
        is_separate_area,
        is_of_an_area,
        submission_count,
        stale_count,
        open_count,
        expected_count
    from (
        select
            counting.indicator_id, counting.form, hierarchy, area_id, month, is_shown, is_city_figure, reported_year_to_date,
            zone_area_id, is_separate_area, is_of_an_area,
            sum(value_low) over year_so_far as value_low,
            sum(value_high) over year_so_far as value_high,
            sum(submission_count) over year_so_far as submission_count,
            sum(stale_count) over year_so_far as stale_count,
            sum(open_count) over year_so_far as open_count,
            sum(expected_count) over year_so_far as expected_count
        from counting
        inner join {{ ref('core_measures') }} as measures
            on measures.indicator_id = counting.indicator_id and measures.adds_over_months
        where window_kind in ('month', 'quarter')
        window year_so_far as (
            partition by counting.indicator_id, hierarchy, area_id, reporting_unit_id, part, year order by month
            rows between unbounded preceding and current row
        )
    ) as running
    where is_shown
),

-- Apart from the sums: texts are slow to put together, and most totals hold no zone.
zones as (
    select
        {{ key | join(', ') }},
        {{ dbt.listagg("zone_area_id", "','", "order by zone_area_id") }} as zones_included
    from windows
    where zone_area_id is not null and value_high is not null
    group by {{ key | join(', ') }}
),

totals as (
    select
        form,
        {{ key | join(', ') }},
        max(case when is_city_figure then 1 else 0 end) = 1 as is_city_figure,
        sum(value_low) as value_low,
        sum(value_high) as value_high,
        sum(submission_count) as submission_count,
        sum(stale_count) as stale_count,
        sum(open_count) as open_count,
        sum(expected_count) as expected_count,
        -- Where only departments have reported, their figures don't say what is in them.
        case when bool_or(is_of_an_area and value_high is not null)
            then coalesce(bool_or(is_separate_area and value_high is not null), false) end as includes_separate_area
    from windows
    group by form, {{ key | join(', ') }}
)

select totals.*, zones.zones_included
from totals
left join zones on {{ same(key, 'zones', 'totals') }}
