-- A row of a returned submission must never count.
with facts as (
    {%- for form in forms_of() %}
    select '{{ form }}' as form, submission_id from {{ ref('fct_' ~ form) }}
    {%- if not loop.last %}
    union
    {%- endif %}
    {%- endfor %}
)

select facts.form, facts.submission_id
from facts
left join {{ ref('submission_status') }} as status
    on status.form = facts.form and status.submission_id = facts.submission_id and status.state in ('accepted', 'open')
where status.submission_id is null
