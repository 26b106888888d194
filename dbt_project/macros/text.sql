{# Numbers inside Chinese sentences: a fixed number of decimals, so that both engines print the same. #}
{% macro number_text(value, decimals=2) -%}
  cast(cast({{ value }} as decimal(20,{{ decimals }})) as varchar)
{%- endmacro %}

{# An amount as people write it: up to two decimals, no trailing zeros. #}
{% macro amount_text(value) -%}
  case
    when {{ value }} = floor({{ value }}) then {{ number_text(value, 0) }}
    when {{ value }} * 10 = floor({{ value }} * 10) then {{ number_text(value, 1) }}
    else {{ number_text(value) }}
  end
{%- endmacro %}
