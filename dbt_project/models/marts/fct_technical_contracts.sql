select
    cast(contracts.contract_no as varchar) as contract_no,
    cast(contracts.month as varchar) as period_id,
    cast(contracts.reporting_unit_id as varchar) as reporting_unit_id,
    cast(contracts.area_id as varchar) as area_id,
    cast(contracts.zone_area_id as varchar) as zone_area_id,
    cast(contracts.contract_name as varchar) as contract_name,
    cast(contracts.contract_type as varchar) as contract_type,
    cast(types.label as varchar) as contract_type_label,
    cast(contracts.technology_field as varchar) as technology_field,
    cast(fields.label as varchar) as technology_field_label,
    cast(contracts.signed_on as date) as signed_on,
    cast(contracts.registered_on as date) as registered_on,
    cast(contracts.seller_name as varchar) as seller_name,
    cast(contracts.seller_division_code as varchar) as seller_division_code,
    cast(contracts.buyer_name as varchar) as buyer_name,
    cast(contracts.buyer_division_code as varchar) as buyer_division_code,
    cast(contracts.contract_value as decimal(20,6)) as contract_value,
    cast(contracts.technology_value as decimal(20,6)) as technology_value,
    cast(contracts.overlap_count as integer) as overlap_count,
    cast(contracts.submission_id as varchar) as submission_id,
    cast(contracts.revision as integer) as revision,
    cast(contracts.file_sha256 as varchar) as file_sha256,
    cast(contracts.sheet as varchar) as sheet,
    cast(contracts.row_number as integer) as row_number,
    cast(contracts.is_practice as boolean) as is_practice
from {{ ref('core_contracts') }} as contracts
left join {{ ref('code_lists') }} as types on types.code_list = 'contract_type' and types.code = contracts.contract_type
left join {{ ref('code_lists') }} as fields on fields.code_list = 'technology_field' and fields.code = contracts.technology_field
