-- Everything carries what the load was: a release is practice or real, never both.
with marks as (
    select 'fct_technical_contracts' as table_name, is_practice from {{ ref('fct_technical_contracts') }}
    union
    select 'fct_high_tech_enterprises' as table_name, is_practice from {{ ref('fct_high_tech_enterprises') }}
    union
    select 'fct_popular_science_events' as table_name, is_practice from {{ ref('fct_popular_science_events') }}
    union
    select 'submission_status' as table_name, is_practice from {{ ref('submission_status') }}
)

select marks.table_name, marks.is_practice
from marks
cross join {{ ref('stg_load_context') }} as load_context
where marks.is_practice <> load_context.is_practice
