-- One row a target: the verdict at the latest value that allows one, and beside it what it would be with one thing changed.
-- Of several baselines or definitions the one that is hardest on the target counts; they are compared over the period of the
-- verdict where they can be.
with own_verdicts as (
    select
        *,
        row_number() over (
            partition by target_id
            order by case when class = 'undetermined' then 2 else 1 end, latest_month desc nulls last
        ) as place
    from {{ ref('core_plan_evaluations') }}
    where case_kind = 'own'
),

own as (
    select * from own_verdicts where place = 1
),

rival_verdicts as (
    select
        rivals.*,
        row_number() over (
            partition by rivals.target_id, rivals.case_kind, rivals.case_key
            order by
                case
                    when coalesce(rivals.latest_month, '') = coalesce(own.latest_month, '')
                        and coalesce(rivals.latest_window, '') = coalesce(own.latest_window, '') then 1
                    else 2
                end,
                case when rivals.class = 'undetermined' then 2 else 1 end,
                rivals.latest_month desc nulls last
        ) as place
    from {{ ref('core_plan_evaluations') }} as rivals
    inner join own on own.target_id = rivals.target_id
    where rivals.case_kind <> 'own'
),

ranked_rivals as (
    select
        *,
        row_number() over (partition by target_id, case_kind order by ratio nulls last, case_key) as hardness
    from rival_verdicts
    where place = 1
),

hardest as (
    select * from ranked_rivals where hardness = 1
),

-- Of the two ends a printed baseline may have, the verdicts at both.
rounded as (
    select
        target_id,
        min(baseline_value) as baseline_lower,
        max(baseline_value) as baseline_upper,
        max(case when case_key = 'lower' then ratio end) as ratio_at_lower,
        max(case when case_key = 'upper' then ratio end) as ratio_at_upper,
        max(case when case_key = 'lower' then class end) as class_at_lower,
        max(case when case_key = 'upper' then class end) as class_at_upper
    from ranked_rivals
    where case_kind = 'rounding'
    group by target_id
),

rival_figures as (
    select target_id, {{ dbt.listagg('case_key', "' '", 'order by case_key') }} as figure_ids
    from ranked_rivals
    where case_kind = 'baseline'
    group by target_id
)

select
    own.*,
    rival_figures.figure_ids as rival_figure_ids,
    baselines.baseline_value as alternative_baseline_value,
    baselines.ratio as alternative_ratio,
    baselines.class as alternative_class,
    definitions.measured_indicator_id as alternative_definition_id,
    definitions.latest_value as alternative_definition_value,
    definitions.ratio as alternative_definition_ratio,
    definitions.class as alternative_definition_class,
    readings.reading as alternative_reading,
    readings.latest_value as alternative_reading_value,
    readings.ratio as alternative_reading_ratio,
    readings.class as alternative_reading_class,
    rounded.baseline_lower,
    rounded.baseline_upper,
    rounded.ratio_at_lower,
    rounded.ratio_at_upper,
    rounded.class_at_lower,
    rounded.class_at_upper
from own
left join rounded on rounded.target_id = own.target_id
left join rival_figures on rival_figures.target_id = own.target_id
left join hardest as baselines on baselines.target_id = own.target_id and baselines.case_kind = 'baseline'
left join hardest as definitions on definitions.target_id = own.target_id and definitions.case_kind = 'definition'
left join hardest as readings on readings.target_id = own.target_id and readings.case_kind = 'reading'
