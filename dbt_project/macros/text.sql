{# Numbers inside Chinese sentences: a fixed number of decimals, so that both engines print the same. #}
{% macro number_text(value, decimals=2) -%}
  cast(cast({{ value }} as decimal(20,{{ decimals }})) as varchar)
{%- endmacro %}
