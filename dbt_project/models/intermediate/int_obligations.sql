-- Who is asked for which form in which month, by when, until when a report may change, and who is let off.
select
    obligations.form,
    units.reporting_unit_id,
    months.month,
    cast({{ dbt.dateadd('day', 'obligations.due_day', 'months.last_on') }} as date) as due_on,
    cast({{ dbt.dateadd('day', 'obligations.late_day', 'months.last_on') }} as date) as late_on,
    cast({{ dbt.dateadd('day', 'obligations.lock_day', 'months.last_on') }} as date) as locked_on,
    exemptions.reason as exemption_reason
from {{ ref('int_months') }} as months
cross join {{ ref('obligations') }} as obligations
inner join {{ ref('reporting_units') }} as units
    on units.unit_kind = obligations.unit_kind
    and (obligations.reporting_unit_id is null or obligations.reporting_unit_id = units.reporting_unit_id)
left join {{ ref('exemptions') }} as exemptions
    on exemptions.form = obligations.form
    and exemptions.reporting_unit_id = units.reporting_unit_id
    and (exemptions.from_month is null or exemptions.from_month <= months.month)
    and (exemptions.to_month is null or exemptions.to_month >= months.month)
where (obligations.valid_from is null or obligations.valid_from <= months.last_on)
  and (obligations.valid_to is null or obligations.valid_to >= months.first_on)
  and (units.valid_from is null or units.valid_from <= months.last_on)
  and (units.valid_to is null or units.valid_to >= months.first_on)
  and (
      (obligations.due_months is null and obligations.frequency = 'monthly')
      or (obligations.due_months is null and obligations.frequency = 'quarterly' and months.month_of_year in (3, 6, 9, 12))
      or (obligations.due_months is null and obligations.frequency = 'annual' and months.month_of_year = 12)
      or ' ' || obligations.due_months || ' ' like '% ' || cast(months.month_of_year as varchar) || ' %'
  )
