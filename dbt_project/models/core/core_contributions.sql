{{ config(materialized='view') }}
-- The rows that make up each indicator, one for each row, indicator and month it counts in: which submission, file, sheet and row
-- it stands in, which field of it counts, and with how much. All values are sums of these, so what `wanstat trace` lists is what
-- was added up.
with enterprises as (
    -- An enterprise re-recognised before its old certificate expires holds two; it is one enterprise, where the newer one is listed.
    select *
    from (
        select
            certificates.reporting_unit_id,
            certificates.submission_id,
            certificates.file_sha256,
            certificates.sheet,
            certificates.row_number,
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

-- 万元 become 亿元, exactly.
contributions as (
    select 'tech_contract_turnover' as indicator_id, reporting_unit_id, month, submission_id, file_sha256, sheet, row_number,
        'contract_value' as field, cast(contract_value * cast(0.0001 as decimal(5,4)) as decimal(28,10)) as value
    from {{ ref('core_contracts') }}
    union all
    select 'tech_transaction_value' as indicator_id, reporting_unit_id, month, submission_id, file_sha256, sheet, row_number,
        'technology_value' as field, cast(technology_value * cast(0.0001 as decimal(5,4)) as decimal(28,10)) as value
    from {{ ref('core_contracts') }}
    union all
    select 'tech_contract_count' as indicator_id, reporting_unit_id, month, submission_id, file_sha256, sheet, row_number,
        'contract_no' as field, cast(1 as decimal(28,10)) as value
    from {{ ref('core_contracts') }}
    union all
    select 'high_tech_enterprises_new' as indicator_id, reporting_unit_id, {{ month_of('issued_on') }} as month, submission_id,
        file_sha256, sheet, row_number, 'certificate_no' as field, cast(1 as decimal(28,10)) as value
    from {{ ref('core_certificates') }}
    union all
    select 'high_tech_enterprises' as indicator_id, reporting_unit_id, month, submission_id, file_sha256, sheet, row_number,
        'certificate_no' as field, cast(1 as decimal(28,10)) as value
    from enterprises
    union all
    select 'science_popularisation_events' as indicator_id, reporting_unit_id, month, submission_id, file_sha256, sheet, row_number,
        'event_count' as field, cast(event_count as decimal(28,10)) as value
    from {{ ref('core_science_events') }}
    union all
    select 'science_popularisation_attendances' as indicator_id, reporting_unit_id, month, submission_id, file_sha256, sheet,
        row_number, 'attendance' as field, cast(attendance as decimal(28,10)) as value
    from {{ ref('core_science_events') }}
)

select * from contributions
