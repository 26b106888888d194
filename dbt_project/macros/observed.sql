{# One cell of a wide table: the only value of the group for this indicator in one of the windows, null where there is none. #}
{% macro observed(indicator_id, windows) -%}
  max(case when indicator_id = '{{ indicator_id }}' and window_kind in ('{{ windows | join("', '") }}') then value end)
{%- endmacro %}

{# The period an observation is of: a year, else the last month of it. #}
{% macro period_of(month, window_kind) -%}
  case when {{ window_kind }} = 'year' then substring({{ month }}, 1, 4) else {{ month }} end
{%- endmacro %}

{# A ratio of two sums on the scale of its indicator (`indicators.factor`); null where the denominator is not above zero. #}
{% macro ratio_of(numerator, denominator) -%}
  cast(
    case when {{ denominator }} > 0
      then cast({{ numerator }} as double) / cast({{ denominator }} as double) * indicators.factor
    end as decimal(20,6)
  )
{%- endmacro %}
