-- Deduplication loses nothing: accepted contract rows are facts or stand in the overlap ledger, never neither.
with counts as (
    select
        (select count(*) from {{ ref('stg_technical_contracts') }}) as accepted_rows,
        (select count(*) from {{ ref('fct_technical_contracts') }}) as fact_rows,
        (select count(*) from {{ ref('int_overlaps') }} where form = 'technical_contracts') as overlap_rows
)

select * from counts where accepted_rows <> fact_rows + overlap_rows
