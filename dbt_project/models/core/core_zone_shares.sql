-- Of what counts where a county reported it, how much a zone reported too: by zone it can be told apart, since both name the thing.
select
    contributions.indicator_id,
    contributions.reporting_unit_id,
    contributions.zone_area_id,
    contributions.month,
    cast(sum(contributions.value) as decimal(20,6)) as value
from {{ ref('core_contributions') }} as contributions
inner join {{ ref('reporting_units') }} as units on units.reporting_unit_id = contributions.reporting_unit_id
where contributions.zone_area_id is not null and units.unit_kind = 'county'
group by contributions.indicator_id, contributions.reporting_unit_id, contributions.zone_area_id, contributions.month
