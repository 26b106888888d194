-- One row for each computed indicator, reporting unit and month: the atoms, rounded once to the stored precision, of which all
-- totals are plain sums (so areas add up to the city exactly). A month that no accepted submission covers
-- has no value: null, never 0. A covered month without rows is a true 0.
-- A roster covers its own month and all earlier ones, since it lists what is in force; a unit whose last roster is older keeps
-- that roster (`is_stale`), and its stock is provisional.
-- A submission with a warning that nobody has explained yet (`is_open`) counts, and makes what it counts in provisional.
-- Of a unit that is let off nothing is expected; its roster stays as it is and is not stale.
with status as (
    select
        status.form,
        status.reporting_unit_id,
        status.month,
        status.state in ('accepted', 'open') as is_accepted,
        status.state = 'open' as is_open,
        status.exemption_reason is not null as is_exempt,
        max(case when status.state in ('accepted', 'open') then status.month end)
            over (partition by status.form, status.reporting_unit_id) as last_accepted_month
    from {{ ref('core_submission_status') }} as status
    where status.is_owed or status.state in ('accepted', 'open') or status.exemption_reason is not null
),

expected as (
    select
        indicators.indicator_id,
        indicators.measure = 'stock' as is_stock,
        status.reporting_unit_id,
        status.month,
        status.is_exempt,
        status.is_open,
        status.last_accepted_month is not null as has_any,
        case
            when status.is_exempt and indicators.measure = 'stock' then status.last_accepted_month is not null
            when status.form = 'high_tech_enterprises' then coalesce(status.last_accepted_month >= status.month, false)
            else status.is_accepted
        end as is_covered
    from status
    inner join {{ ref('core_indicators') }} as indicators on indicators.source_form = status.form
),

-- The sum is exact; in 亿元 its sixth decimal stands for 100 yuan.
measured as (
    select indicator_id, reporting_unit_id, month, cast(sum(value) as decimal(20,6)) as value
    from {{ ref('core_contributions') }}
    group by indicator_id, reporting_unit_id, month
)

select
    expected.indicator_id,
    expected.is_stock,
    expected.reporting_unit_id,
    expected.month,
    months.year,
    months.is_shown,
    expected.is_covered,
    expected.is_covered or not expected.is_exempt as is_expected,
    expected.is_open,
    expected.is_stock and expected.has_any and not expected.is_covered as is_stale,
    case
        when expected.is_covered or (expected.is_stock and expected.has_any) then coalesce(measured.value, 0)
    end as value
from expected
inner join {{ ref('int_months') }} as months on months.month = expected.month
left join measured
    on measured.indicator_id = expected.indicator_id
    and measured.reporting_unit_id = expected.reporting_unit_id
    and measured.month = expected.month
