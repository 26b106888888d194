-- One row for each vintage that follows another of its key: what it was and became, and why. The reason is looked for among the
-- submissions that changed with the same release, nearest first: (1) in the area and the months that the observation covers,
-- (2) in the area, of other months (a later roster, a contract registered twice), (3) anywhere, since of what several units list only
-- one counts. The third only while the program stayed the same: else what nobody near has sent may come from the program.
{% set key = ['indicator_id', 'hierarchy', 'area_id', 'month', 'window_kind', 'vintage'] %}
with stepped as (
    select
        *,
        lag(value) over (partition by indicator_id, hierarchy, area_id, month, window_kind order by vintage) as previous_value,
        lag(unit) over (partition by indicator_id, hierarchy, area_id, month, window_kind order by vintage) as previous_unit,
        lag(obs_status) over (partition by indicator_id, hierarchy, area_id, month, window_kind order by vintage) as previous_status
    from {{ ref('core_observation_vintages') }}
),

revisions as (
    select
        stepped.*,
        releases.previous_release_id,
        releases.is_method_changed
    from stepped
    inner join {{ ref('core_releases') }} as releases on releases.release_id = stepped.release_id
    where stepped.vintage > 1
),

sources as (
    select indicator_id, source_form as form from {{ ref('core_indicators') }} where source_form is not null
),

-- The areas that a unit's submissions count in: its own, those it lies across, and the city.
reached as (
    select reporting_unit_id, area_id from {{ ref('core_reporting_units') }}
    union
    select units.reporting_unit_id, links.parent_area_id as area_id
    from {{ ref('core_reporting_units') }} as units
    inner join {{ ref('area_links') }} as links on links.child_area_id = units.area_id
    union
    select units.reporting_unit_id, areas.area_id
    from {{ ref('core_reporting_units') }} as units
    cross join {{ ref('core_areas') }} as areas
    where areas.area_kind = 'city'
),

sent as (
    select
        submissions.release_id,
        submissions.form,
        submissions.month,
        reached.area_id,
        submissions.reporting_unit_id,
        submissions.change
    from {{ ref('core_submission_vintages') }} as submissions
    inner join reached on reached.reporting_unit_id = submissions.reporting_unit_id
),

near as (
    select
        {% for column in key %}revisions.{{ column }}, {% endfor %}
        sent.reporting_unit_id,
        sent.change,
        case
            when revisions.window_kind in ('ytd', 'year') and sent.month between substring(revisions.month, 1, 4) and revisions.month
                then 1
            when sent.month = revisions.month then 1
            else 2
        end as distance
    from revisions
    inner join sources on sources.indicator_id = revisions.indicator_id
    inner join sent
        on sent.release_id = revisions.release_id and sent.form = sources.form and sent.area_id = revisions.area_id
),

anywhere as (
    select
        {% for column in key %}revisions.{{ column }}, {% endfor %}
        submissions.reporting_unit_id,
        submissions.change,
        3 as distance
    from revisions
    inner join sources on sources.indicator_id = revisions.indicator_id
    inner join {{ ref('core_submission_vintages') }} as submissions
        on submissions.release_id = revisions.release_id and submissions.form = sources.form
    left join (select distinct {{ key | join(', ') }} from near) as explained
        on {% for column in key %}explained.{{ column }} = revisions.{{ column }}{% if not loop.last %} and {% endif %}{% endfor %}
    where explained.indicator_id is null and not revisions.is_method_changed
),

nearest as (
    select *
    from (
        select *, min(distance) over (partition by {{ key | join(', ') }}) as least
        from (select * from near union all select * from anywhere) as candidates
    ) as compared
    where distance = least
),

senders as (
    select
        {% for column in key %}nearest.{{ column }}, {% endfor %}
        nearest.reporting_unit_id,
        units.reporting_unit_name,
        max(case when nearest.change = 'revised' then 1 else 0 end) as is_revised,
        max(case when nearest.change = 'arrived' then 1 else 0 end) as is_arrived
    from nearest
    inner join {{ ref('core_reporting_units') }} as units on units.reporting_unit_id = nearest.reporting_unit_id
    group by {% for column in key %}nearest.{{ column }}, {% endfor %}nearest.reporting_unit_id, units.reporting_unit_name
),

reasons as (
    select
        {{ key | join(', ') }},
        max(is_revised) = 1 as is_revised,
        max(is_arrived) = 1 as is_arrived,
        {{ dbt.listagg('reporting_unit_id', "','", 'order by reporting_unit_id') }} as sender_ids,
        {{ dbt.listagg('reporting_unit_name', "'、'", 'order by reporting_unit_id') }} as sender_names
    from senders
    group by {{ key | join(', ') }}
)

select
    {% for column in key %}revisions.{{ column }}, {% endfor %}
    revisions.previous_release_id,
    revisions.release_id,
    revisions.known_from,
    revisions.previous_value,
    revisions.value,
    revisions.unit,
    case when revisions.unit = revisions.previous_unit then revisions.value - revisions.previous_value end as difference,
    case
        when revisions.unit = revisions.previous_unit and revisions.previous_value <> 0
            then cast(revisions.value - revisions.previous_value as double) / cast(abs(revisions.previous_value) as double)
    end as relative_difference,
    revisions.previous_status,
    revisions.obs_status,
    revisions.is_withdrawn,
    case
        when reasons.is_revised then 'R1'
        when reasons.is_arrived then 'R2'
        else 'R3'
    end as reason_code,
    reasons.sender_ids,
    reasons.sender_names,
    revisions.is_method_changed,
    revisions.is_practice
from revisions
left join reasons
    on {% for column in key %}reasons.{{ column }} = revisions.{{ column }}{% if not loop.last %} and {% endif %}{% endfor %}
