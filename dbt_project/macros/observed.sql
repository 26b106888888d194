{# One cell of a wide table: the only value of the group for this indicator in one of the windows, null where there is none. #}
{% macro observed(indicator_id, windows) -%}
  max(case when indicator_id = '{{ indicator_id }}' and window_kind in ('{{ windows | join("', '") }}') then value end)
{%- endmacro %}

{# The period an observation is of: a year, else the last month of it. #}
{% macro period_of(month, window_kind) -%}
  case when {{ window_kind }} = 'year' then substring({{ month }}, 1, 4) else {{ month }} end
{%- endmacro %}
