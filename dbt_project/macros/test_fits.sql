{# Columns hold only the values listed for them, and ids that another model has; one test a model, since each costs every load time.
   `values`: column -> values; `references`: column -> [model, its column]. A null passes. #}
{% test fits(model, values={}, references={}) %}
{%- set wrong = [] -%}
{%- for column, allowed in values.items() -%}
  {%- do wrong.append(column ~ " not in ('" ~ allowed | join("', '") ~ "')") -%}
{%- endfor -%}
{%- for column, other in references.items() -%}
  {%- do wrong.append(column ~ ' is not null and ' ~ column ~ ' not in (select ' ~ other[1] ~ ' from ' ~ ref(other[0]) ~ ')') -%}
{%- endfor -%}
select *
from {{ model }}
where {{ wrong | join('\n   or ') }}
{% endtest %}
