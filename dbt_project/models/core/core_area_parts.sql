{{ config(materialized='incremental', replaced="{{ of_changed_years('month', 'totals') }}", ordered_by='month') }}
-- depends_on: {{ ref('core_changed_years') }}
-- What each reporting unit adds to each area of each hierarchy, as the least and the most it may add. The two differ where it is
-- not known how much of a zone lies in a county, or how much of what it reported the county reported too (seed overlap_rules).
-- Registers have no such overlap: what two units report counts once already, and what both name moves between them whole.
with measures as (
    select
        measures.*,
        units.unit_kind,
        units.area_id as unit_area_id,
        coalesce(rules.overlap_rule, 'sum') as overlap_rule,
        cast({{ dbt.last_day(first_day('measures.month'), 'month') }} as date) as last_on
    from {{ ref('core_unit_measures') }} as measures
    inner join {{ ref('core_reporting_units') }} as units on units.reporting_unit_id = measures.reporting_unit_id
    left join {{ ref('overlap_rules') }} as rules
        on rules.form = measures.form and rules.reporting_unit_id = measures.reporting_unit_id
    where {{ in_changed_years('measures.month', 'totals') }}
),

members as (
    select
        measures.*,
        area_units.hierarchy,
        area_units.area_id,
        area_units.is_certain,
        -- In its own area a report stands as it is; the rules are for where it meets others'.
        case
            when area_units.hierarchy in ('reported', 'zone') then 'sum'
            when area_units.area_id = measures.unit_area_id and measures.unit_kind <> 'department' then 'sum'
            else measures.overlap_rule
        end as rule_here
    from measures
    inner join {{ ref('core_area_units') }} as area_units
        on area_units.reporting_unit_id = measures.reporting_unit_id
        and area_units.valid_from <= measures.last_on
        and area_units.valid_to >= measures.last_on
    inner join {{ ref('core_indicators') }} as indicators on indicators.indicator_id = measures.indicator_id
    where area_units.hierarchy = 'city' or indicators.areas = 'all'
),

-- What the counties that a zone lies in have reported together, for the rule `max`.
counties_of_zones as (
    select zones.indicator_id, zones.reporting_unit_id, zones.month, sum(counties.value) as value
    from members as zones
    inner join measures as counties
        on counties.indicator_id = zones.indicator_id
        and counties.month = zones.month
        and counties.unit_area_id = zones.area_id
        and counties.unit_kind = 'county'
    where zones.hierarchy = 'statutory' and zones.unit_kind = 'zone' and zones.overlap_rule = 'max'
    group by zones.indicator_id, zones.reporting_unit_id, zones.month
),

added as (
    select
        members.*,
        case
            when members.rule_here = 'included' then members.value * 0
            when members.rule_here <> 'max' then members.value
            when members.value > coalesce(counties.value, 0) then members.value - coalesce(counties.value, 0)
            else members.value * 0
        end as most
    from members
    left join counties_of_zones as counties
        on counties.indicator_id = members.indicator_id
        and counties.reporting_unit_id = members.reporting_unit_id
        and counties.month = members.month
),

-- The zones that stand on their own in a hierarchy.
zones as (
    select distinct area_units.hierarchy, area_units.area_id
    from {{ ref('core_area_units') }} as area_units
    inner join {{ ref('areas') }} as areas on areas.area_id = area_units.area_id and areas.area_kind = 'zone'
    where area_units.hierarchy in ('zone', 'statistical')
),

sharing as (
    select distinct indicator_id, reporting_unit_id, zone_area_id, substring(month, 1, 4) as year from {{ ref('core_zone_shares') }}
),

-- What a county reported and a zone of it too is the zone's where that stands on its own; 0 in the other months of the year, since
-- its total so far is there in all of them.
moved as (
    select
        zones.hierarchy,
        zones.area_id as zone_area_id,
        members.area_id as county_area_id,
        members.indicator_id,
        members.form,
        members.month,
        members.window_kind,
        members.is_shown,
        members.reporting_unit_id,
        coalesce(shares.value, 0) as value
    from sharing
    inner join zones on zones.area_id = sharing.zone_area_id
    inner join members
        on members.indicator_id = sharing.indicator_id
        and members.reporting_unit_id = sharing.reporting_unit_id
        and substring(members.month, 1, 4) = sharing.year
        and members.hierarchy = 'reported'
        and members.value is not null
    left join {{ ref('core_zone_shares') }} as shares
        on shares.indicator_id = sharing.indicator_id
        and shares.reporting_unit_id = sharing.reporting_unit_id
        and shares.zone_area_id = sharing.zone_area_id
        and shares.month = members.month
),

parts as (
    select
        indicator_id,
        form,
        hierarchy,
        area_id,
        month,
        window_kind,
        is_shown,
        reporting_unit_id,
        report_month,
        'own' as part,
        case when rule_here = 'unknown' or not is_certain then most * 0 else most end as value_low,
        most as value_high,
        rule_here = 'stands_for_city' and hierarchy = 'city' as stands_for_city,
        overlap_rule = 'stands_for_city' and hierarchy = 'reported' as is_of_whole_city,
        reported_year_to_date,
        is_covered,
        is_expected,
        is_open,
        is_stale
    from added
    union all
    select
        indicator_id, form, hierarchy, zone_area_id as area_id, month, window_kind, is_shown, reporting_unit_id,
        null as report_month, 'moved' as part, value as value_low, value as value_high,
        false as stands_for_city, false as is_of_whole_city, null as reported_year_to_date,
        null as is_covered, null as is_expected, null as is_open, null as is_stale
    from moved
    union all
    select
        indicator_id, form, hierarchy, county_area_id as area_id, month, window_kind, is_shown, reporting_unit_id,
        null as report_month, 'moved' as part, -sum(value) as value_low, -sum(value) as value_high,
        false as stands_for_city, false as is_of_whole_city, null as reported_year_to_date,
        null as is_covered, null as is_expected, null as is_open, null as is_stale
    from moved
    where hierarchy = 'statistical'
    group by indicator_id, form, hierarchy, county_area_id, month, window_kind, is_shown, reporting_unit_id
),

-- A figure that is the city's by itself takes the place of the sum of the others.
with_city_figures as (
    select
        *,
        max(case when stands_for_city and value_high is not null then 1 else 0 end)
            over (partition by indicator_id, hierarchy, area_id, month) = 1 as is_city_figure
    from parts
)

select
    indicator_id,
    form,
    hierarchy,
    area_id,
    month,
    window_kind,
    is_shown,
    reporting_unit_id,
    report_month,
    part,
    is_city_figure or is_of_whole_city as is_city_figure,
    case when stands_for_city or not is_city_figure then value_low end as value_low,
    case when stands_for_city or not is_city_figure then value_high end as value_high,
    case when (stands_for_city or not is_city_figure) and value_low = value_high then reported_year_to_date end as reported_year_to_date,
    is_covered,
    is_expected,
    is_open,
    is_stale
from with_city_figures
