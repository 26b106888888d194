{# A month is text `YYYY-MM`, which sorts; these two are the only places that turn it into a day and back. #}
{% macro first_day(month) -%}
  cast({{ dbt.concat([month, "'-01'"]) }} as date)
{%- endmacro %}

{% macro month_of(day) -%}
  substring(cast(cast({{ day }} as date) as varchar), 1, 7)
{%- endmacro %}
