{# A month is text `YYYY-MM`, which sorts; these two are the only places that turn it into a day and back. #}
{% macro first_day(month) -%}
  cast({{ dbt.concat([month, "'-01'"]) }} as date)
{%- endmacro %}

{% macro month_of(day) -%}
  substring(cast(cast({{ day }} as date) as varchar), 1, 7)
{%- endmacro %}

{# What readers call a period: a year by its four digits, anything else by its last month. #}
{% macro period_of(month, window_kind) -%}
  case when {{ window_kind }} = 'year' then substring({{ month }}, 1, 4) else {{ month }} end
{%- endmacro %}
