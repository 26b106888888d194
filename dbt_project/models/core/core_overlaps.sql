-- The ledger of what was left out because another row with the same register key counts.
with mentions as (
    select * from {{ ref('core_register_mentions') }}
)

select
    removed.form,
    removed.register_key,
    removed.reporting_unit_id as removed_reporting_unit_id,
    removed.month as removed_month,
    removed.submission_id as removed_submission_id,
    removed.sheet as removed_sheet,
    removed.row_number as removed_row_number,
    counted.reporting_unit_id as counted_reporting_unit_id,
    counted.month as counted_month,
    counted.submission_id as counted_submission_id,
    case
        when removed.reporting_unit_id = counted.reporting_unit_id then 'repeated_by_unit'
        when removed.unit_kind = 'zone' and counted.unit_kind = 'county' then 'county_before_zone'
        when removed.unit_kind = counted.unit_kind then 'same_kind_of_unit'
        else 'latest_roster'
    end as overlap_rule,
    removed.is_practice
from mentions as removed
inner join mentions as counted
    on counted.form = removed.form and counted.register_key = removed.register_key and counted.place = 1
where removed.place > 1
