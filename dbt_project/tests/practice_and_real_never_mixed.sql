-- Everything carries what the load was: a release is practice or real, never both.
with marks as (
    {%- for form in forms_of() %}
    select 'fct_{{ form }}' as table_name, is_practice from {{ ref('fct_' ~ form) }}
    union
    {%- endfor %}
    select 'submission_status' as table_name, is_practice from {{ ref('submission_status') }}
)

select marks.table_name, marks.is_practice
from marks
cross join {{ ref('stg_load_context') }} as load_context
where marks.is_practice <> load_context.is_practice
