-- Every case at every value that may be its latest: the newest of the city, and its last full year; on the scale of the case.
-- Nothing up to the base year counts. Time is counted by years for a year's total, by months for other stocks and increments.
--   An increment of a flow is the sum of the years since the base year, of a stock its value less the baseline.
--   An average annual rate is the mean of the full years since the base year.
-- What is missing makes the value of something that adds up `at_least`; a ratio, a rank or a mean it leaves `open`.
with actuals as (
    select
        *,
        row_number() over (partition by indicator_id, window_kind order by month desc) as age_in_window,
        row_number() over (partition by indicator_id, year order by month desc) as age_in_year
    from {{ ref('core_city_actuals') }}
),

cases as (
    select
        *,
        reading = 'annual_rate'
            or (reading = 'increment' and coalesce(measure, 'flow') not in ('stock', 'year_stock')) as is_over_years
    from {{ ref('core_plan_cases') }}
),

latest_values as (
    select
        cases.target_id,
        cases.case_kind,
        cases.case_key,
        actuals.month,
        actuals.window_kind as latest_window,
        actuals.value as measured_value,
        cast(
            case cases.reading
                when 'multiple' then cast(actuals.value as double) / nullif(cast(cases.baseline_value as double), 0)
                when 'increment' then actuals.value - cases.baseline_value
                else actuals.value
            end as double
        ) as latest_value,
        actuals.missing_count,
        0 as missing_year_count
    from cases
    inner join actuals
        on actuals.indicator_id = cases.measured_indicator_id
        and actuals.year > coalesce(cases.baseline_year, 0)
    where not cases.is_over_years and (actuals.age = 1 or (actuals.window_kind = 'year' and actuals.age_in_window = 1))
),

years_since_base as (
    select
        cases.target_id,
        cases.case_kind,
        cases.case_key,
        cases.reading,
        cases.baseline_year,
        years.year,
        years.month,
        years.window_kind,
        years.value,
        years.missing_count,
        max(years.year) over (partition by cases.target_id, cases.case_kind, cases.case_key) as last_year
    from cases
    inner join actuals as years
        on years.indicator_id = cases.measured_indicator_id
        and years.year > cases.baseline_year
        and years.age_in_year = 1
        and (years.window_kind = 'year' or (years.window_kind = 'ytd' and cases.reading = 'increment'))
    where cases.is_over_years
),

values_over_years as (
    select
        target_id,
        case_kind,
        case_key,
        max(month) as month,
        case when reading = 'increment' then 'since_base' else 'mean' end as latest_window,
        cast(null as decimal(20,6)) as measured_value,
        case when reading = 'increment' then cast(sum(value) as double) else avg(cast(value as double)) end as latest_value,
        sum(missing_count) as missing_count,
        max(last_year) - max(baseline_year)
            - sum(case when window_kind = 'year' or year = last_year then 1 else 0 end) as missing_year_count
    from years_since_base
    group by target_id, case_kind, case_key, reading
),

candidates as (
    select * from latest_values
    union all
    select * from values_over_years
)

select
    cases.*,
    candidates.month as latest_month,
    candidates.latest_window,
    candidates.measured_value,
    candidates.latest_value,
    candidates.missing_count,
    candidates.missing_year_count,
    cast(substring(candidates.month, 1, 4) as integer) - cases.baseline_year
        + case
            when candidates.latest_window in ('point', 'since_base')
                then (cast(substring(candidates.month, 6, 2) as integer) - 12) / cast(12 as double)
            else 0
        end as elapsed_years,
    case
        when candidates.month is null then null
        when candidates.latest_window <> 'ytd' and candidates.missing_count + candidates.missing_year_count = 0 then 'exact'
        when cases.reading = 'annual_rate' or cases.measure in ('ratio', 'growth_rate', 'rank') then 'open'
        else 'at_least'
    end as certainty
from cases
left join candidates
    on candidates.target_id = cases.target_id
    and candidates.case_kind = cases.case_kind
    and candidates.case_key = cases.case_key
