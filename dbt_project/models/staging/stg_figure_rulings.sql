select
    figure_id,
    standing_figure_id,
    conflict_id,
    decided_by,
    cast(decided_on as date) as decided_on,
    reason
from {{ source('landing_system', 'figure_rulings') }}
