-- One row for each computed indicator, reporting unit and month: the atoms, rounded once to the stored precision, of which all
-- totals are plain sums (so areas add up to the city exactly). A month that no accepted submission covers
-- has no value: null, never 0. A covered month without rows is a true 0.
-- A roster covers its own month and all earlier ones, since it lists what is in force; a unit whose last roster is older keeps
-- that roster (`is_stale`), and its stock is provisional.
with status as (
    select
        status.form,
        status.reporting_unit_id,
        status.month,
        status.state = 'accepted' as is_accepted,
        max(case when status.state = 'accepted' then status.month end)
            over (partition by status.form, status.reporting_unit_id) as last_accepted_month
    from {{ ref('core_submission_status') }} as status
    where status.is_owed or status.state = 'accepted'
),

expected as (
    select
        indicators.indicator_id,
        indicators.measure = 'stock' as is_stock,
        status.reporting_unit_id,
        status.month,
        status.last_accepted_month is not null as has_any,
        case
            when status.form = 'high_tech_enterprises' then coalesce(status.last_accepted_month >= status.month, false)
            else status.is_accepted
        end as is_covered
    from status
    inner join {{ ref('core_indicators') }} as indicators on indicators.source_form = status.form
),

-- An enterprise re-recognised before its old certificate expires holds two; it is one enterprise, where the newer one is listed.
enterprises as (
    select reporting_unit_id, month
    from (
        select
            certificates.reporting_unit_id,
            months.month,
            row_number() over (
                partition by certificates.uscc, months.month
                order by certificates.issued_on desc, certificates.certificate_no desc
            ) as place
        from {{ ref('core_certificates') }} as certificates
        inner join {{ ref('int_months') }} as months
            on certificates.issued_on <= months.last_on
            and certificates.valid_until >= months.last_on
            and (certificates.revoked_on is null or certificates.revoked_on > months.last_on)
            and (certificates.left_register_month is null or certificates.left_register_month > months.month)
    ) as valid_certificates
    where place = 1
),

-- 万元 become 亿元; the sum is exact, its sixth decimal stands for 100 yuan.
measured as (
    select 'tech_contract_turnover' as indicator_id, reporting_unit_id, month,
        cast(sum(contract_value * cast(0.0001 as decimal(5,4))) as decimal(20,6)) as value
    from {{ ref('core_contracts') }}
    group by reporting_unit_id, month
    union all
    select 'tech_transaction_value' as indicator_id, reporting_unit_id, month,
        cast(sum(technology_value * cast(0.0001 as decimal(5,4))) as decimal(20,6)) as value
    from {{ ref('core_contracts') }}
    group by reporting_unit_id, month
    union all
    select 'tech_contract_count' as indicator_id, reporting_unit_id, month,
        cast(count(*) as decimal(20,6)) as value
    from {{ ref('core_contracts') }}
    group by reporting_unit_id, month
    union all
    select 'high_tech_enterprises_new' as indicator_id, reporting_unit_id, {{ month_of('issued_on') }} as month,
        cast(count(*) as decimal(20,6)) as value
    from {{ ref('core_certificates') }}
    group by reporting_unit_id, {{ month_of('issued_on') }}
    union all
    select 'high_tech_enterprises' as indicator_id, reporting_unit_id, month,
        cast(count(*) as decimal(20,6)) as value
    from enterprises
    group by reporting_unit_id, month
    union all
    select 'science_popularisation_events' as indicator_id, reporting_unit_id, month,
        cast(sum(event_count) as decimal(20,6)) as value
    from {{ ref('core_science_events') }}
    group by reporting_unit_id, month
    union all
    select 'science_popularisation_attendances' as indicator_id, reporting_unit_id, month,
        cast(sum(attendance) as decimal(20,6)) as value
    from {{ ref('core_science_events') }}
    group by reporting_unit_id, month
)

select
    expected.indicator_id,
    expected.is_stock,
    expected.reporting_unit_id,
    expected.month,
    months.year,
    months.is_shown,
    expected.is_covered,
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
