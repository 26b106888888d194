{# Totals of the past stay as they are: a model of the kind `incremental` makes only those years anew that core_changed_years names
   for it, and takes out what it had of them. In such a model this is the condition that a month (or a period) is of one of these
   years; where the model is made for the first time, and in unit tests, all are.
   A model that uses it names core_changed_years in a `depends_on`, which dbt can't see in a condition. #}
{% macro in_changed_years(month, made) -%}
  {% if is_incremental() %}{{ of_changed_years(month, made) }}{% else %}true{% endif %}
{%- endmacro %}

{% macro of_changed_years(month, made) -%}
  substring({{ month }}, 1, 4) in (select year from {{ ref('core_changed_years') }} where made = '{{ made }}')
{%- endmacro %}
