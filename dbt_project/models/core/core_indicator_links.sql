-- How indicators hang together: what the ledger of published figures is held against, and what an analyst may go on to.
select
    link,
    indicator_id,
    coalesce(scope, '') as scope,
    other_id,
    coalesce(other_scope, '') as other_scope,
    lower,
    upper
from {{ ref('indicator_relations') }}
