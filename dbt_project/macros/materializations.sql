{# Nobody else reads the build database while it is built (pipelines/warehouse.py), so a table or view is made under its own name, at
   once: there is nothing to keep readable, to rename or to hand rights on. dbt-duckdb's own way does all that, in so many more
   statements a model that they take longer than most models. #}
{% materialization table, adapter='duckdb' %}
  {%- set target_relation = this.incorporate(type='table') -%}
  {{ drop_relation_if_exists(load_cached_relation(this)) }}
  {% call statement('main') -%}
    {{ create_table_as(False, target_relation, compiled_code) }}
  {%- endcall %}
  {{ adapter.commit() }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
  {%- set target_relation = this.incorporate(type='view') -%}
  {{ drop_relation_if_exists(load_cached_relation(this)) }}
  {% call statement('main') -%}
    {{ get_create_view_as_sql(target_relation, sql) }}
  {%- endcall %}
  {{ adapter.commit() }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Made as a table the first time; after that its rows take the place of those that `replaced` (a condition) names. #}
{% materialization incremental, adapter='duckdb' %}
  {%- set target_relation = this.incorporate(type='table') -%}
  {% call statement('main') -%}
    {% if load_cached_relation(this) is none -%}
      {#- Sorted, so that what is replaced later lies together and the rest of the file stays as it is. -#}
      {{ create_table_as(False, target_relation, 'select * from (' ~ compiled_code ~ ') order by ' ~ config.require('ordered_by')) }}
    {%- else -%}
      delete from {{ target_relation }} where {{ render(config.require('replaced')) }};
      insert into {{ target_relation }} by name ({{ compiled_code }})
    {%- endif %}
  {%- endcall %}
  {{ adapter.commit() }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# A key that a test (is_key) holds is not declared again where the tables are built: DuckDB makes an index of it, row by row, which
   on a long history takes ten times what the test takes. What is released declares it (pipelines/release/schema.py). #}
{% macro duckdb__get_table_columns_and_constraints() -%}
  {%- set held = namespace(by_test=false) -%}
  {%- for node in graph.nodes.values() if node.attached_node == model.unique_id and node.test_metadata.name == 'is_key' -%}
    {%- set held.by_test = true -%}
  {%- endfor -%}
  {%- set keys = [] if held.by_test else adapter.render_raw_model_constraints(raw_constraints=model['constraints']) -%}
  ({{ (adapter.render_raw_columns_constraints(raw_columns=model['columns']) + keys) | join(', ') }})
{%- endmacro %}
