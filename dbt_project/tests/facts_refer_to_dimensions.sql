-- Every fact is of a period, a reporting unit and an area that there are. One test for all facts, since each test costs a load time.
with facts as (
    {%- for form in forms_of() %}
    select distinct 'fct_{{ form }}' as table_name, period_id, reporting_unit_id, area_id from {{ ref('fct_' ~ form) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select facts.*
from facts
left join {{ ref('dim_period') }} as periods on periods.period_id = facts.period_id
left join {{ ref('dim_reporting_unit') }} as units on units.reporting_unit_id = facts.reporting_unit_id
left join {{ ref('dim_area') }} as areas on areas.area_id = facts.area_id
where periods.period_id is null or units.reporting_unit_id is null or areas.area_id is null
