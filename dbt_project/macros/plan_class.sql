{# Open SDG's cuts of R = observed over required growth; the order of classes is also their rank. #}
{% macro plan_class(ratio) -%}
  case
    when {{ ratio }} is null then 'undetermined'
    when {{ ratio }} >= 0.95 then 'on_track'
    when {{ ratio }} >= 0.60 then 'moderate'
    when {{ ratio }} >= 0 then 'limited'
    else 'deteriorating'
  end
{%- endmacro %}

{% macro plan_class_label(class) -%}
  case {{ class }}
    when 'achieved' then '已达目标'
    when 'on_track' then '有望达标'
    when 'moderate' then '有所进展'
    when 'limited' then '进展有限'
    when 'deteriorating' then '出现倒退'
    when 'undetermined' then '尚不能判定'
    when 'no_data' then '尚无数据'
  end
{%- endmacro %}

{# What a verdict would be with one thing changed, beside the verdict itself. #}
{% macro alternative_text(ratio, alternative_class, class) -%}
  case when {{ ratio }} is null then '，' else '，R = ' || {{ number_text(ratio) }} || '，' end
  || case when {{ alternative_class }} = {{ class }} then '结论相同' else '则为' || {{ plan_class_label(alternative_class) }} end || '。'
{%- endmacro %}
