-- A row of a returned submission must never count.
with facts as (
    select 'technical_contracts' as form, submission_id from {{ ref('fct_technical_contracts') }}
    union
    select 'high_tech_enterprises' as form, submission_id from {{ ref('fct_high_tech_enterprises') }}
    union
    select 'popular_science_events' as form, submission_id from {{ ref('fct_popular_science_events') }}
)

select facts.form, facts.submission_id
from facts
left join {{ ref('submission_status') }} as status
    on status.form = facts.form and status.submission_id = facts.submission_id and status.state in ('accepted', 'open')
where status.submission_id is null
