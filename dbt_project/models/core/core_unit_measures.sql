-- One row for each measured indicator, reporting unit and period: the atoms, rounded once to the stored precision, of which all
-- totals are plain sums (so areas add up to the city exactly). A period that no accepted submission covers has no value: null,
-- never 0. A covered period without rows is a true 0, except where the rows are the indicators.
-- A roster covers its own period and all earlier ones, since it lists what is in force (not the numbers in it); a unit whose last roster is older keeps
-- that roster (`is_stale`), and its stock is provisional.
-- A submission with a warning that nobody has explained yet (`is_open`) counts, and makes what it counts in provisional.
-- `report_month` is the month that was reported in: an annual form is about the year before.
-- Of a unit that is let off nothing is expected; its roster stays as it is and is not stale.
with status as (
    select
        status.form,
        forms.row_kind,
        forms.frequency,
        forms.holds_indicators,
        status.reporting_unit_id,
        units.reporting_unit_name,
        status.month as report_month,
        -- An annual form is about the year before.
        case forms.frequency when 'annual' then {{ year_before('status.month') }} else status.month end as month,
        status.state in ('accepted', 'open') as is_accepted,
        status.state = 'open' as is_open,
        status.exemption_reason is not null as is_exempt,
        max(case when status.state in ('accepted', 'open') then status.month end)
            over (partition by status.form, status.reporting_unit_id) as last_accepted_month
    from {{ ref('core_submission_status') }} as status
    inner join {{ ref('core_forms') }} as forms on forms.form = status.form
    inner join {{ ref('reporting_units') }} as units on units.reporting_unit_id = status.reporting_unit_id
    where status.is_owed or status.state in ('accepted', 'open') or status.exemption_reason is not null
),

expected as (
    select
        indicators.indicator_id,
        indicators.measure in ('stock', 'year_stock') and status.frequency <> 'annual' as is_stock,
        status.form,
        status.frequency,
        status.holds_indicators,
        status.reporting_unit_id,
        status.report_month,
        status.month,
        status.is_exempt,
        status.is_open,
        measures.counts_when = 'in_force' and status.last_accepted_month is not null as keeps_last_roster,
        case
            when measures.counts_when = 'in_force' and status.is_exempt then status.last_accepted_month is not null
            when status.row_kind = 'roster' and measures.counts_when <> 'reported'
                then coalesce(status.last_accepted_month >= status.report_month, false)
            else status.is_accepted
        end as is_covered
    from status
    inner join {{ ref('core_measures') }} as measures on measures.form = status.form
    inner join {{ ref('core_indicators') }} as indicators
        on indicators.indicator_id = measures.indicator_id
        -- Where a row holds an indicator, it is its responsible unit that is asked for it.
        and (not status.holds_indicators or indicators.responsible_unit = status.reporting_unit_name)
),

-- The sum is exact; in 亿元 its sixth decimal stands for 100 yuan. A blank among the values leaves the sum unknown.
measured as (
    select
        indicator_id,
        reporting_unit_id,
        month,
        case when count(value) = count(*) then cast(sum(value) as decimal(20,6)) end as value,
        cast(sum(year_to_date) as decimal(20,6)) as year_to_date,
        count(*) as row_count
    from {{ ref('core_contributions') }}
    group by indicator_id, reporting_unit_id, month
),

reported as (
    select
        expected.*,
        substring(expected.month, 1, 4) as year,
        case
            when not expected.is_covered and not expected.keeps_last_roster then null
            when measured.row_count is null and not expected.holds_indicators then 0
            else measured.value
        end as reported_value,
        case when expected.is_covered then measured.year_to_date end as reported_year_to_date
    from expected
    left join measured
        on measured.indicator_id = expected.indicator_id
        and measured.reporting_unit_id = expected.reporting_unit_id
        and measured.month = expected.month
),

-- A period and the year to date are twins: either can be told from the other. The year to date restarts with the year.
summed as (
    select
        *,
        coalesce(
            reported_year_to_date,
            case
                when count(reported_value) over year_so_far = count(*) over year_so_far then sum(reported_value) over year_so_far
            end
        ) as year_to_date
    from reported
    window year_so_far as (
        partition by indicator_id, reporting_unit_id, year order by month rows between unbounded preceding and current row
    )
),

implied as (
    select
        *,
        year_to_date - case
            when row_number() over (partition by indicator_id, reporting_unit_id, year order by month) = 1
                and substring(month, 6, 2) in ('01', case frequency when 'quarterly' then '03' end) then 0
            else lag(year_to_date) over (partition by indicator_id, reporting_unit_id, year order by month)
        end as implied_value
    from summed
)

select
    implied.indicator_id,
    implied.form,
    implied.is_stock,
    implied.reporting_unit_id,
    implied.month,
    implied.report_month,
    cast(implied.year as integer) as year,
    case
        when implied.frequency = 'annual' then 'year'
        when implied.is_stock then 'point'
        when implied.frequency = 'quarterly' then 'quarter'
        else 'month'
    end as window_kind,
    months.is_shown,
    implied.is_covered and (implied.reported_value is not null or coalesce(implied.implied_value >= 0, false)) as is_covered,
    implied.is_covered or not implied.is_exempt as is_expected,
    implied.is_open,
    implied.is_stock and implied.keeps_last_roster and not implied.is_covered as is_stale,
    implied.reported_value is null and implied.implied_value is not null as is_implied,
    -- A negative implied value cannot be: the year to date was corrected or is wrong; what happened in the period is not known.
    cast(
        case
            when implied.reported_value is not null then implied.reported_value
            when implied.implied_value >= 0 then implied.implied_value
        end as decimal(20,6)
    ) as value,
    cast(implied.reported_year_to_date as decimal(20,6)) as reported_year_to_date
from implied
inner join {{ ref('int_months') }} as months on months.month = implied.report_month
