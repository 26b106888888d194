{# All vintages (数据版次) of what has a key: the CTE `vintages`, from the CTE `kept` with what earlier releases changed and the CTE
   `present` with what holds now. What `present` says otherwise than the last vintage of its key, or says for the first time, is a
   new vintage, known from this load on; what it says no more gets one that is withdrawn and says nothing. Each key's rows are gone
   through once, so that a long history costs what its rows cost. #}
{% macro vintages(key, told) %}
last_known as (
    select *
    from (
        select *, row_number() over (partition by {{ key | join(', ') }} order by known_from desc) as age
        from kept
    ) as by_age
    where age = 1
),

changed as (
    select
        {% for column in key -%}
        coalesce(present.{{ column }}, last_known.{{ column }}) as {{ column }},
        {% endfor -%}
        {% for column in told -%}
        present.{{ column }},
        {% endfor -%}
        present.{{ key[0] }} is null as is_withdrawn
    from present
    full outer join last_known
        on {% for column in key %}last_known.{{ column }} = present.{{ column }}{% if not loop.last %} and {% endif %}{% endfor %}
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
    select {{ (key + told) | join(', ') }}, is_withdrawn, release_id, known_from, is_practice, true as is_kept
    from kept
    union all
    select {{ (key + told) | join(', ') }}, changed.is_withdrawn, load_context.release_id, load_context.loaded_at as known_from,
        load_context.is_practice, false as is_kept
    from changed
    cross join {{ ref('stg_load_context') }} as load_context
),

vintages as (
    select
        *,
        row_number() over (partition by {{ key | join(', ') }} order by known_from) as vintage,
        lead(known_from) over (partition by {{ key | join(', ') }} order by known_from) as known_to
    from of_all_releases
)
{% endmacro %}
