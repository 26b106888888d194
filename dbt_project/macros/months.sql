{# A month is text `YYYY-MM`, which sorts; these are the only places that turn it into a day and back. A quarter goes by its last
   month, a year by its December. #}
{% macro first_day(month) -%}
  cast({{ dbt.concat([month, "'-01'"]) }} as date)
{%- endmacro %}

{% macro month_of(day) -%}
  substring(cast(cast({{ day }} as date) as varchar), 1, 7)
{%- endmacro %}

{# Counts months, so that they can be subtracted; January divides by 12. #}
{% macro month_number(month) -%}
  cast(substring({{ month }}, 1, 4) as integer) * 12 + cast(substring({{ month }}, 6, 2) as integer) - 1
{%- endmacro %}

{% macro quarter_of(day) -%}
  substring(cast(cast({{ day }} as date) as varchar), 1, 5)
  || case cast(extract(quarter from {{ day }}) as integer) when 1 then '03' when 2 then '06' when 3 then '09' else '12' end
{%- endmacro %}

{% macro year_before(month) -%}
  cast(cast(substring({{ month }}, 1, 4) as integer) - 1 as varchar) || '-12'
{%- endmacro %}

{% macro months_later(day, months) -%}
  cast({{ dbt.dateadd('month', months, day) }} as date)
{%- endmacro %}
