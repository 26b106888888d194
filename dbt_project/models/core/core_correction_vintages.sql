-- Which corrections of the office held, and what they changed, release by release. One that was taken back, has expired or was not
-- applied holds no more.
with kept as (
    select * from {{ ref('stg_kept_corrections') }}
),

present as (
    select correction_id, form, reporting_unit_id, month, row_key, field, action, received_value, corrected_value
    from {{ ref('core_corrections') }}
    where state = 'applied'
),

{{ vintages(
    key=['correction_id'],
    told=['form', 'reporting_unit_id', 'month', 'row_key', 'field', 'action', 'received_value', 'corrected_value']
) }}

select * from vintages
