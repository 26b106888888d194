-- Every case at every value that may be its latest: the newest of the city, and its last full year; on the scale of the case.
-- Estimates and forecasts are no actuals and never get here; neither does a total of which only a range is known, nor anything
-- up to the base year.
--   A year's total is full as `year`, or as December's year-to-date that is complete; a stock that restarts in January
--   (year_stock) is read like a year-to-date. Time counts by years for both, and by months for other stocks and for increments.
--   An increment of a flow is the sum of the years since the base year, of a stock its value less the baseline.
--   An average annual rate is the mean of the full years since the base year.
-- What is missing makes the value of something that adds up `at_least`; a ratio, a rank or a mean it leaves `open`.
with observed as (
    select
        observations.indicator_id,
        observations.month,
        cast(substring(observations.month, 1, 4) as integer) as year,
        cast(substring(observations.month, 6, 2) as integer) as month_of_year,
        case
            when observations.window_kind = 'year' then 'year'
            when observations.window_kind = 'point' and coalesce(indicators.measure, '') <> 'year_stock' then 'point'
            when substring(observations.month, 6, 2) = '12' and observations.obs_status = 'A' then 'year'
            else 'ytd'
        end as latest_window,
        observations.value,
        observations.expected_submission_count - observations.submission_count + observations.stale_submission_count
            as missing_count,
        -- December's year-to-date and the year are the same figure.
        row_number() over (
            partition by observations.indicator_id, observations.month
            order by case when observations.window_kind = 'year' then 1 else 2 end
        ) as place
    from {{ ref('core_observations') }} as observations
    left join {{ ref('core_indicators') }} as indicators on indicators.indicator_id = observations.indicator_id
    where observations.hierarchy = 'city'
        and observations.window_kind in ('point', 'ytd', 'year')
        and observations.value is not null
        and observations.obs_status not in ('E', 'F')
),

aged as (
    select
        *,
        row_number() over (partition by indicator_id order by month desc) as age,
        row_number() over (partition by indicator_id, latest_window order by month desc) as age_in_window,
        row_number() over (partition by indicator_id, year order by month desc) as age_in_year
    from observed
    where place = 1
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
        aged.month,
        aged.latest_window,
        aged.value as measured_value,
        cast(
            case cases.reading
                when 'multiple' then cast(aged.value as double) / nullif(cast(cases.baseline_value as double), 0)
                when 'increment' then aged.value - cases.baseline_value
                else aged.value
            end as double
        ) as latest_value,
        aged.missing_count,
        0 as missing_year_count
    from cases
    inner join aged on aged.indicator_id = cases.measured_indicator_id and aged.year > coalesce(cases.baseline_year, 0)
    where not cases.is_over_years and (aged.age = 1 or (aged.latest_window = 'year' and aged.age_in_window = 1))
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
        years.latest_window,
        years.value,
        years.missing_count,
        max(years.year) over (partition by cases.target_id, cases.case_kind, cases.case_key) as last_year
    from cases
    inner join aged as years
        on years.indicator_id = cases.measured_indicator_id
        and years.year > cases.baseline_year
        and years.age_in_year = 1
        and (years.latest_window = 'year' or (years.latest_window = 'ytd' and cases.reading = 'increment'))
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
            - sum(case when latest_window = 'year' or year = last_year then 1 else 0 end) as missing_year_count
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
