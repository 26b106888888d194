{# How the rows of several months and units become one register. The models in `core/generated` call these, one a form; each lists
   every accepted row that matters with its `place`: 1 is the row that counts, the others are overlaps. #}

{% macro rows_with_unit(form) %}
    select
        form_rows.*,
        units.unit_kind,
        units.area_id,
        case units.unit_kind when 'county' then 1 when 'zone' then 2 else 3 end as unit_rank
    from {{ ref('stg_' ~ form) }} as form_rows
    inner join {{ ref('reporting_units') }} as units on units.reporting_unit_id = form_rows.reporting_unit_id
{% endmacro %}

{# Each month lists what is new: a thing counts once, where a county reported it before a zone, an earlier month before a later one. #}
{% macro entries(form, key, columns) %}
with form_rows as (
    {{ rows_with_unit(form) }}
)

select
    {{ columns | join(',\n    ') }},
    unit_kind,
    area_id,
    max(case when unit_kind = 'zone' then area_id end) over (partition by {{ key | join(', ') }}) as zone_area_id,
    row_number() over (partition by {{ key | join(', ') }} order by unit_rank, month, reporting_unit_id, row_number) as place,
    count(*) over (partition by {{ key | join(', ') }}) - 1 as overlap_count
from form_rows
{% endmacro %}

{# Each month lists everything that is in force: of each unit its latest row for a thing counts, and the thing leaves the unit's
   register with the first later roster that no longer names it although it had not expired. Across units it counts once: units that
   still list it first, then a county before a zone, then the latest roster. #}
{% macro roster(form, key, columns, expires) %}
{%- set same_thing = [] -%}
{%- for column in key -%}
  {%- do same_thing.append('next_rosters.' ~ column ~ ' = latest_rows.' ~ column) -%}
{%- endfor -%}
with rosters as (
    select reporting_unit_id, month
    from {{ ref('stg_submissions') }}
    where form = '{{ form }}' and state = 'accepted'
),

form_rows as (
    {{ rows_with_unit(form) }}
),

latest_rows as (
    select *
    from (
        select
            form_rows.*,
            row_number() over (
                partition by reporting_unit_id, {{ key | join(', ') }} order by month desc, row_number
            ) as age
        from form_rows
    ) as aged_rows
    where age = 1
),

next_rosters as (
    select latest_rows.reporting_unit_id, latest_rows.{{ key | join(', latest_rows.') }}, min(rosters.month) as next_roster_month
    from latest_rows
    inner join rosters on rosters.reporting_unit_id = latest_rows.reporting_unit_id and rosters.month > latest_rows.month
    group by latest_rows.reporting_unit_id, latest_rows.{{ key | join(', latest_rows.') }}
),

rows_with_next as (
    select latest_rows.*, next_rosters.next_roster_month
    from latest_rows
    left join next_rosters
        on next_rosters.reporting_unit_id = latest_rows.reporting_unit_id
        and {{ same_thing | join(' and ') }}
),

in_register as (
    select
        *,
        next_roster_month is null as is_listed,
        case
            {%- if expires %}
            when {{ expires }} < {{ first_day('next_roster_month') }} then null
            {%- endif %}
            when next_roster_month is not null then next_roster_month
        end as left_register_month
    from rows_with_next
)

select
    {{ columns | join(',\n    ') }},
    unit_kind,
    area_id,
    is_listed,
    left_register_month,
    max(case when unit_kind = 'zone' then area_id end) over (partition by {{ key | join(', ') }}) as zone_area_id,
    row_number() over (
        partition by {{ key | join(', ') }} order by case when is_listed then 1 else 2 end, unit_rank, month desc, reporting_unit_id
    ) as place,
    count(*) over (partition by {{ key | join(', ') }}) - 1 as overlap_count
from in_register
{% endmacro %}

{# What a roster said in each month by itself, a thing once a month: for numbers that change while the thing stays, of which the
   latest row knows only the last. #}
{% macro rows_of_each_month(form, key) %}
    select
        *,
        max(case when unit_kind = 'zone' then area_id end) over (partition by {{ key | join(', ') }}, month) as zone_area_id,
        row_number() over (partition by {{ key | join(', ') }}, month order by unit_rank, reporting_unit_id, row_number) as place
    from (
        {{ rows_with_unit(form) }}
    ) as form_rows
{% endmacro %}

{# Numbers: each unit reports its own, and nothing is removed; what overlaps is dealt with where areas are added up. #}
{% macro counts(form, columns) %}
select
    {{ columns | join(',\n    ') }},
    unit_kind,
    area_id,
    case when unit_kind = 'zone' then area_id end as zone_area_id,
    1 as place,
    0 as overlap_count
from (
    {{ rows_with_unit(form) }}
) as form_rows
{% endmacro %}

{# Whether a division code lies in the city or one of its parts. #}
{% macro in_city(code) -%}
  {{ code }} in (select area_id from {{ ref('areas') }})
{%- endmacro %}
