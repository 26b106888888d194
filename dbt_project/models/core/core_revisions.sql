-- One row for each vintage that follows another of its key: what it was and became, and why. The reason is looked for among the
-- submissions, and the office's corrections of them, that changed with the same release, nearest first: (1) in the area and the
-- months that the observation covers, (2) in the area, of other months (a later roster, a contract registered twice), (3)
-- anywhere, since of what several units list only one counts. The third only while the program stayed the same: else what nobody
-- near has sent may come from the program. Of several reasons equally near a correction goes first: it is the office's own doing.
-- What was said of earlier releases stays as it was said, even where the catalogue has changed since.
{% set key = ['indicator_id', 'hierarchy', 'area_id', 'month', 'window_kind'] %}
{% set told = [
    'vintage', 'previous_release_id', 'previous_value', 'previous_unit', 'previous_status', 'value', 'unit', 'obs_status',
    'is_withdrawn', 'is_method_changed', 'release_id', 'known_from', 'is_practice',
] %}
{% set scope = ['indicator_id', 'hierarchy', 'area_id', 'first_month', 'month'] %}
with revisions as (
    select
        {% for column in key %}now.{{ column }}, {% endfor %}
        now.vintage,
        case when now.window_kind in ('ytd', 'year') then substring(now.month, 1, 4) || '-01' else now.month end as first_month,
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

-- What an indicator is added up from; a ratio is made of two others.
sources as (
    select indicator_id, indicator_id as measured_id, form from {{ ref('core_measures') }}
    union all
    select ratios.indicator_id, measures.indicator_id as measured_id, measures.form
    from {{ ref('core_indicators') }} as ratios
    inner join {{ ref('core_measures') }} as measures on measures.indicator_id in (ratios.numerator_id, ratios.denominator_id)
),

-- Where to look is looked through once for all that is told of an area and period.
scopes as (
    select distinct {{ scope | join(', ') }}, is_method_changed from revisions
),

-- The units whose submissions count in an area: those that belong to it, and a county that reported what a zone reported too,
-- since that moves to the zone where it stands on its own.
reached as (
    select
        sources.indicator_id,
        sources.form,
        units.hierarchy,
        units.area_id,
        units.reporting_unit_id,
        units.valid_from,
        units.valid_to
    from sources
    cross join {{ ref('core_area_units') }} as units
    union
    select
        sources.indicator_id,
        sources.form,
        zones.hierarchy,
        zones.area_id,
        shares.reporting_unit_id,
        zones.valid_from,
        zones.valid_to
    from sources
    inner join {{ ref('core_zone_shares') }} as shares on shares.indicator_id = sources.measured_id
    inner join {{ ref('core_area_units') }} as zones
        on zones.hierarchy in ('zone', 'statistical') and zones.area_id = shares.zone_area_id
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

-- Where a correction holds that did not before, or held that does not now; one that says something else does both.
corrected as (
    select distinct told.form, told.reporting_unit_id, told.month
    from {{ ref('core_correction_vintages') }} as now
    inner join {{ ref('core_correction_vintages') }} as told
        on told.correction_id = now.correction_id and told.vintage in (now.vintage, now.vintage - 1)
    where not now.is_kept and not told.is_withdrawn
),

-- A correction of what was sent anew follows from that.
changes as (
    select form, reporting_unit_id, month, change from sent
    union all
    select corrected.form, corrected.reporting_unit_id, corrected.month, 'corrected' as change
    from corrected
    left join sent
        on sent.form = corrected.form and sent.reporting_unit_id = corrected.reporting_unit_id and sent.month = corrected.month
    where sent.form is null
),

changed as (
    select
        changes.form,
        changes.reporting_unit_id,
        -- An annual form is about the year before.
        case forms.frequency when 'annual' then {{ year_before('changes.month') }} else changes.month end as month,
        changes.change
    from changes
    inner join {{ ref('core_forms') }} as forms on forms.form = changes.form
),

near as (
    select
        {% for column in scope %}scopes.{{ column }}, {% endfor %}
        changed.reporting_unit_id,
        changed.change,
        case when changed.month between scopes.first_month and scopes.month then 1 else 2 end as distance
    from scopes
    inner join reached
        on reached.indicator_id = scopes.indicator_id
        and reached.hierarchy = scopes.hierarchy
        and reached.area_id = scopes.area_id
        and reached.valid_from <= {{ dbt.last_day(first_day('scopes.month'), 'month') }}
        and reached.valid_to >= {{ dbt.last_day(first_day('scopes.first_month'), 'month') }}
    inner join changed on changed.form = reached.form and changed.reporting_unit_id = reached.reporting_unit_id
),

anywhere as (
    select
        {% for column in scope %}scopes.{{ column }}, {% endfor %}
        changed_at_all.reporting_unit_id,
        changed_at_all.change,
        3 as distance
    from scopes
    inner join (select distinct indicator_id, form from sources) as forms on forms.indicator_id = scopes.indicator_id
    inner join (select distinct form, reporting_unit_id, change from changed) as changed_at_all
        on changed_at_all.form = forms.form
    left join (select distinct {{ scope | join(', ') }} from near) as explained on {{ same(scope, 'explained', 'scopes') }}
    where explained.indicator_id is null and not scopes.is_method_changed
),

senders as (
    select
        {{ scope | join(', ') }},
        reporting_unit_id,
        max(case when change = 'corrected' then 1 else 0 end) as is_corrected,
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
        max(senders.is_corrected) = 1 as is_corrected,
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
        when reasons.is_corrected then 'C'
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
