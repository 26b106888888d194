select
    cast(form as varchar) as form,
    cast(register_key as varchar) as register_key,
    cast(removed_reporting_unit_id as varchar) as removed_reporting_unit_id,
    cast(removed_month as varchar) as removed_month,
    cast(removed_submission_id as varchar) as removed_submission_id,
    cast(removed_sheet as varchar) as removed_sheet,
    cast(removed_row_number as integer) as removed_row_number,
    cast(counted_reporting_unit_id as varchar) as counted_reporting_unit_id,
    cast(counted_month as varchar) as counted_month,
    cast(counted_submission_id as varchar) as counted_submission_id,
    cast(overlap_rule as varchar) as overlap_rule,
    case overlap_rule
        when 'county_before_zone' then '县（市、区）和功能区都报了，计县（市、区）的'
        when 'same_kind_of_unit' then '同类的几个单位都报了，计最早（名册为最近）的'
        when 'repeated_by_unit' then '同一单位报过不止一次，计最早的'
        else '以仍在列的、最近的名册为准'
    end as overlap_rule_label,
    cast(is_practice as boolean) as is_practice
from {{ ref('core_overlaps') }}
