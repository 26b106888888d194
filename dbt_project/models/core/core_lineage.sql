-- Which cells of which file count in which indicator, of which unit and month: what observations are sums of. A submission that
-- counts in several months, as a roster does, is there with each. The cells lie between the first and the last one named; a row
-- between them that does not count is not among `row_count`.
with counted as (
    select
        indicator_id,
        reporting_unit_id,
        month,
        submission_id,
        sheet,
        field,
        count(*) as row_count,
        min(row_number) as first_row_number,
        max(row_number) as last_row_number,
        -- With a blank among them their sum says nothing: the unit's value was told from its year to date.
        case when count(*) = count(value) then sum(value) end as value
    from {{ ref('core_contributions') }}
    group by indicator_id, reporting_unit_id, month, submission_id, sheet, field
),

-- A roster also names what began to count long before anything was reported.
observed as (
    select distinct indicator_id, month from {{ ref('core_observations') }}
)

select
    counted.indicator_id,
    counted.reporting_unit_id,
    counted.month,
    counted.submission_id,
    submissions.form,
    submissions.month as submission_month,
    submissions.revision,
    submissions.received_on,
    submissions.file_name,
    submissions.file_sha256,
    counted.sheet,
    counted.field,
    passports.header_path,
    case
        when counted.first_row_number = counted.last_row_number then passports.column_letters || counted.first_row_number
        else passports.column_letters || counted.first_row_number || ':' || passports.column_letters || counted.last_row_number
    end as cells,
    counted.row_count,
    counted.value,
    submissions.is_practice
from counted
inner join observed on observed.indicator_id = counted.indicator_id and observed.month = counted.month
inner join {{ ref('stg_submissions') }} as submissions on submissions.submission_id = counted.submission_id
left join {{ ref('stg_passports') }} as passports
    on passports.submission_id = counted.submission_id and passports.field = counted.field
