-- A finding without a month belongs to a file nobody could identify, or to what the office keeps: figures and corrections.
select
    findings.finding_id,
    findings.submission_id,
    findings.form,
    findings.reporting_unit_id,
    findings.month,
    cast(findings.revision as integer) as revision,
    findings.rule_id,
    cast(findings.level as integer) as level,
    findings.severity,
    findings.file_name,
    findings.sheet,
    findings.cell,
    findings.field,
    findings.value,
    findings.expected,
    findings.message,
    findings.advice,
    findings.subject,
    cast(findings.influence as double) as influence,
    cast(findings.must_explain as boolean) as must_explain,
    findings.state,
    findings.explanation,
    cast(findings.is_practice as boolean) as is_practice
from {{ source('landing_system', 'findings') }} as findings
cross join {{ ref('stg_load_context') }} as load_context
where findings.month is null
   or findings.month <= load_context.release_month
