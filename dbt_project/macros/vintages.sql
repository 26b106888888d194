{# All vintages (数据版次) of what has a key: the CTE `vintages`, from the CTE `kept` with what earlier releases changed and the CTE
   `present` with what holds now. What `present` says otherwise than the last vintage of its key, or says for the first time, is a
   new vintage, known from this load on; what it says no more gets one that is withdrawn and says nothing. Most keys never get a
   second vintage: joining the few that do is much faster on a long history than putting all vintages in order. #}
{% macro vintages(key, told) %}
last_known as (
    select kept.*
    from kept
    left join (select {{ key | join(', ') }}, vintage from kept where vintage > 1) as successors
        on {{ same(key, 'successors', 'kept') }} and successors.vintage = kept.vintage + 1
    where successors.vintage is null
),

changed as (
    select
        {% for column in key -%}
        coalesce(present.{{ column }}, last_known.{{ column }}) as {{ column }},
        {% endfor -%}
        {% for column in told -%}
        present.{{ column }},
        {% endfor -%}
        present.{{ key[0] }} is null as is_withdrawn,
        coalesce(last_known.vintage, 0) + 1 as vintage
    from present
    full outer join last_known on {{ same(key, 'last_known', 'present') }}
    where case
        when present.{{ key[0] }} is null then not last_known.is_withdrawn
        else
            last_known.{{ key[0] }} is null
            or last_known.is_withdrawn
            {%- for column in told %}
            or present.{{ column }} is distinct from last_known.{{ column }}
            {%- endfor %}
    end
),

of_all_releases as (
    select {{ (key + told) | join(', ') }}, is_withdrawn, vintage, release_id, known_from, is_practice, true as is_kept
    from kept
    union all
    select {{ (key + told) | join(', ') }}, changed.is_withdrawn, changed.vintage, load_context.release_id,
        load_context.loaded_at as known_from, load_context.is_practice, false as is_kept
    from changed
    cross join {{ ref('stg_load_context') }} as load_context
),

vintages as (
    select of_all_releases.*, successors.known_from as known_to
    from of_all_releases
    left join (select {{ key | join(', ') }}, vintage, known_from from of_all_releases where vintage > 1) as successors
        on {{ same(key, 'successors', 'of_all_releases') }} and successors.vintage = of_all_releases.vintage + 1
)
{% endmacro %}

{# The condition that two relations have the same in all of the columns, none of which is ever null. #}
{% macro same(columns, one, other) -%}
  {% for column in columns %}{{ one }}.{{ column }} = {{ other }}.{{ column }}{% if not loop.last %} and {% endif %}{% endfor %}
{%- endmacro %}
