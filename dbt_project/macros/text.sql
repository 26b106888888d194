{# Numbers inside Chinese sentences: a fixed number of decimals, so that both engines print the same. #}
{% macro number_text(value, decimals=2) -%}
  cast(cast({{ value }} as decimal(20,{{ decimals }})) as varchar)
{%- endmacro %}

{# An amount as people write it: up to two decimals, no trailing zeros. #}
{% macro amount_text(value) -%}
  {%- set rounded = 'cast(' ~ value ~ ' as decimal(20,2))' -%}
  case
    when {{ rounded }} = floor({{ rounded }}) then {{ number_text(value, 0) }}
    when {{ rounded }} * 10 = floor({{ rounded }} * 10) then {{ number_text(value, 1) }}
    else {{ number_text(value) }}
  end
{%- endmacro %}

{# An amount with its unit: 12.5%, 75 亿元. #}
{% macro quantity_text(value, unit) -%}
  {{ amount_text(value) }} || case when {{ unit }} = '%' then '%' else ' ' || {{ unit }} end
{%- endmacro %}

{# How far two amounts are apart, with the unit; percentages are points apart. #}
{% macro difference_text(value, unit) -%}
  {{ amount_text('abs(' ~ value ~ ')') }} || case when {{ unit }} = '%' then ' 个百分点' else ' ' || {{ unit }} end
{%- endmacro %}

{# 增 or 降, by the sign of a change. #}
{% macro change_word(value) -%}
  case when {{ value }} < 0 then '降' else '增' end
{%- endmacro %}
