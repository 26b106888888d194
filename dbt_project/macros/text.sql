{# Numbers inside Chinese sentences: a fixed number of decimals, so that both engines print the same. #}
{% macro number_text(value, decimals=2) -%}
  cast(cast({{ value }} as decimal(20,{{ decimals }})) as varchar)
{%- endmacro %}

{# An amount as people write it: two decimals, none where it is whole. #}
{% macro amount_text(value) -%}
  replace({{ number_text(value) }}, '.00', '')
{%- endmacro %}
