{# Growth of `value` over `base`: in percent, of an indicator in percent the difference in percentage points; null where `note`
   names a reason. All three are columns, and so are those the macros name themselves (core_growth). #}
{% macro growth(value, base, note) -%}
  cast(case
    when {{ note }} is not null then null
    when is_percentage then {{ value }} - {{ base }}
    else (cast({{ value }} as double) / cast({{ base }} as double) - 1) * 100
  end as decimal(28,4))
{%- endmacro %}

{# Why there is no growth; null where there is one. `base_from` is the first month that `base` covers; where only a range is known,
   `value` and `base` are null and the columns with `_high` behind their names are not. #}
{% macro growth_note(value, base, base_from) -%}
  case
    when measure = 'rank' then '位次不计增速'
    when {{ value }} is null then case when {{ value }}_high is null then '本期缺' else '本期只有范围' end
    when {{ base }} is null then case when {{ base }}_high is null then '基期缺' else '基期只有范围' end
    when latest_break > {{ base_from }} then '口径有变'
    when not is_percentage and {{ base }} = 0 then '基期为零'
    when not is_percentage and {{ base }} < 0 then '基期为负'
  end
{%- endmacro %}
