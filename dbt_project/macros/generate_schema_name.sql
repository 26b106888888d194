{# Schemas are named after the layer alone; dbt's own macro would prefix the target's schema (`main_marts`). #}
{% macro generate_schema_name(custom_schema_name, node) -%}
  {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
