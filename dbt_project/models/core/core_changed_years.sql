-- The years of which each kind of total is to be made anew, since what it is made of has changed since the last build.
with builds as (
    select max(build) as build from {{ ref('core_year_fingerprints') }}
),

present as (
    select fingerprints.* from {{ ref('core_year_fingerprints') }} as fingerprints inner join builds on builds.build = fingerprints.build
),

before as (
    select fingerprints.* from {{ ref('core_year_fingerprints') }} as fingerprints inner join builds on builds.build > fingerprints.build
),

changed as (
    select coalesce(present.made_of, before.made_of) as made_of, coalesce(present.year, before.year) as year
    from present
    full outer join before on before.made_of = present.made_of and before.year = present.year
    where coalesce(present.fingerprint <> before.fingerprint, true)
),

-- Growth is against the year before, and needs the totals of it; the members of categories are held against the totals.
reach as (
    select * from (
        values
            ('totals', 'measures', 0),
            ('growth', 'measures', 0), ('growth', 'measures', 1),
            ('growth_bases', 'measures', -1), ('growth_bases', 'measures', 0), ('growth_bases', 'measures', 1),
            ('categories', 'measures', 0), ('categories', 'categories', 0)
    ) as reach (made, made_of, years_later)
)

select distinct
    reach.made,
    cast(cast(changed.year as integer) + reach.years_later as varchar) as year
from changed
inner join reach on reach.made_of = changed.made_of
