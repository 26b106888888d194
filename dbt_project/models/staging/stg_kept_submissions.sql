select
    submissions.form,
    submissions.reporting_unit_id,
    submissions.month,
    submissions.submission_id,
    cast(submissions.revision as integer) as revision,
    submissions.file_sha256,
    cast(submissions.is_withdrawn as boolean) as is_withdrawn,
    cast(submissions.vintage as integer) as vintage,
    releases.release_id,
    releases.known_from,
    releases.is_practice
from {{ source('archive', 'submissions') }} as submissions
inner join {{ ref('stg_kept_releases') }} as releases on releases.release_id = submissions.release_id
