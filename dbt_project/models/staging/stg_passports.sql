select
    submission_id,
    field,
    column_letters,
    header_path,
    unit
from {{ source('landing_system', 'passports') }}
