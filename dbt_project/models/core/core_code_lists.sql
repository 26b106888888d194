select
    code_list,
    code,
    label,
    valid_from,
    valid_to
from {{ ref('code_lists') }}
