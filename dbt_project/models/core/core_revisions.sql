-- One row for each vintage that follows another of its key: what it was and became, and why. The reason is looked for among the
-- submissions that changed with the same release, nearest first: (1) in the area and the months that the observation covers,
-- (2) in the area, of other months (a later roster, a contract registered twice), (3) anywhere, since of what several units list only
-- one counts. The third only while the program stayed the same: else what nobody near has sent may come from the program.
-- What was said of earlier releases stays as it was said, even where the catalogue has changed since.
{% set key = ['indicator_id', 'hierarchy', 'area_id', 'month', 'window_kind'] %}
{% set told = [
    'vintage', 'previous_release_id', 'previous_value', 'previous_unit', 'previous_status', 'value', 'unit', 'obs_status',
    'is_withdrawn', 'is_method_changed', 'release_id', 'known_from', 'is_practice',
] %}
{% set scope = ['indicator_id', 'area_id', 'month', 'is_cumulative'] %}
with revisions as (
    select
        {% for column in key %}now.{{ column }}, {% endfor %}
        now.vintage,
        now.window_kind in ('ytd', 'year') as is_cumulative,
        releases.previous_release_id,
        before.value as previous_value,
        before.unit as previous_unit,
        before.obs_status as previous_status,
        now.value,
        now.unit,
        now.obs_status,
        now.is_withdrawn,
        releases.is_method_changed,
        now.release_id,
        now.known_from,
        now.is_practice
    from {{ ref('core_observation_vintages') }} as now
    inner join {{ ref('core_observation_vintages') }} as before
        on {{ same(key, 'before', 'now') }} and before.vintage = now.vintage - 1
    inner join {{ ref('core_releases') }} as releases on releases.release_id = now.release_id
    where not now.is_kept
),

-- The forms that an indicator is added up from.
sources as (
    select indicator_id, source_form as form from {{ ref('core_indicators') }} where source_form is not null
),

-- Where to look is the same for all hierarchies, and is looked through once.
scopes as (
    select distinct {{ scope | join(', ') }}, is_method_changed from revisions
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
        now.form,
        now.reporting_unit_id,
        now.month,
        case
            when now.is_withdrawn then 'dropped'
            when before.submission_id is null then 'arrived'
            else 'revised'
        end as change
    from {{ ref('core_submission_vintages') }} as now
    left join {{ ref('core_submission_vintages') }} as before
        on before.form = now.form
        and before.reporting_unit_id = now.reporting_unit_id
        and before.month = now.month
        and before.vintage = now.vintage - 1
    where not now.is_kept
),

near as (
    select
        {% for column in scope %}scopes.{{ column }}, {% endfor %}
        sent.reporting_unit_id,
        sent.change,
        case
            when sent.month = scopes.month then 1
            when scopes.is_cumulative and sent.month between substring(scopes.month, 1, 4) and scopes.month then 1
            else 2
        end as distance
    from scopes
    inner join sources on sources.indicator_id = scopes.indicator_id
    inner join reached on reached.area_id = scopes.area_id
    inner join sent on sent.form = sources.form and sent.reporting_unit_id = reached.reporting_unit_id
),

anywhere as (
    select
        {% for column in scope %}scopes.{{ column }}, {% endfor %}
        sent_at_all.reporting_unit_id,
        sent_at_all.change,
        3 as distance
    from scopes
    inner join sources on sources.indicator_id = scopes.indicator_id
    inner join (select distinct form, reporting_unit_id, change from sent) as sent_at_all on sent_at_all.form = sources.form
    left join (select distinct {{ scope | join(', ') }} from near) as explained on {{ same(scope, 'explained', 'scopes') }}
    where explained.indicator_id is null and not scopes.is_method_changed
),

senders as (
    select
        {{ scope | join(', ') }},
        reporting_unit_id,
        max(case when change = 'revised' then 1 else 0 end) as is_revised,
        max(case when change = 'arrived' then 1 else 0 end) as is_arrived
    from (
        select *, min(distance) over (partition by {{ scope | join(', ') }}) as nearest
        from (select * from near union all select * from anywhere) as candidates
    ) as compared
    where distance = nearest
    group by {{ scope | join(', ') }}, reporting_unit_id
),

reasons as (
    select
        {% for column in scope %}senders.{{ column }}, {% endfor %}
        max(senders.is_revised) = 1 as is_revised,
        max(senders.is_arrived) = 1 as is_arrived,
        {{ dbt.listagg('units.reporting_unit_id', "','", 'order by units.reporting_unit_id') }} as sender_ids,
        {{ dbt.listagg('units.reporting_unit_name', "'、'", 'order by units.reporting_unit_id') }} as sender_names
    from senders
    inner join {{ ref('core_reporting_units') }} as units on units.reporting_unit_id = senders.reporting_unit_id
    group by {% for column in scope %}senders.{{ column }}{% if not loop.last %}, {% endif %}{% endfor %}
)

select
    {% for column in key + told %}revisions.{{ column }}, {% endfor %}
    case
        when reasons.is_revised then 'R1'
        when reasons.is_arrived then 'R2'
        else 'R3'
    end as reason_code,
    reasons.sender_ids,
    reasons.sender_names,
    false as is_kept
from revisions
left join reasons on {{ same(scope, 'reasons', 'revisions') }}
union all
select
    {{ (key + told) | join(', ') }},
    reason_code,
    sender_ids,
    sender_names,
    true as is_kept
from {{ ref('stg_kept_revisions') }}
