-- Deduplication loses nothing: every accepted row of a register of entries is a fact or stands in the overlap ledger, never neither.
{%- set forms = forms_of('entries') %}
with counts as (
    {%- for form in forms %}
    select
        '{{ form }}' as form,
        (select count(*) from {{ ref('stg_' ~ form) }}) as accepted_rows,
        (select count(*) from {{ ref('fct_' ~ form) }}) as fact_rows,
        (select count(*) from {{ ref('core_overlaps') }} where form = '{{ form }}') as overlap_rows
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from counts where accepted_rows <> fact_rows + overlap_rows
