{# One cell of a wide table: the only value of the group for this indicator and window, null where there is none. #}
{% macro observed(indicator_id, window_kind) -%}
  max(case when indicator_id = '{{ indicator_id }}' and window_kind = '{{ window_kind }}' then value end)
{%- endmacro %}
