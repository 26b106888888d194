-- One row a plan target: the verdict from the plan's own baseline at the latest value that allows one, and beside it the
-- verdict from the rival baseline that is hardest on it.
with own_verdicts as (
    select
        *,
        row_number() over (
            partition by target_id
            order by case when class = 'undetermined' then 2 else 1 end, latest_month desc nulls last
        ) as place
    from {{ ref('core_plan_evaluations') }}
    where is_plan_baseline
),

rival_verdicts as (
    select
        rivals.*,
        row_number() over (
            partition by rivals.target_id order by rivals.ratio nulls last, rivals.baseline_figure_id
        ) as place
    from {{ ref('core_plan_evaluations') }} as rivals
    inner join own_verdicts
        on own_verdicts.place = 1
        and own_verdicts.target_id = rivals.target_id
        and coalesce(own_verdicts.latest_month, '') = coalesce(rivals.latest_month, '')
        and coalesce(own_verdicts.latest_window, '') = coalesce(rivals.latest_window, '')
    where not rivals.is_plan_baseline
),

rivals as (
    select
        target_id,
        {{ dbt.listagg('baseline_figure_id', "' '", 'order by baseline_figure_id') }} as figure_ids,
        max(case when place = 1 then baseline_value end) as baseline_value,
        max(case when place = 1 then ratio end) as ratio,
        max(case when place = 1 then class end) as class
    from rival_verdicts
    group by target_id
),

joined as (
    select
        targets.target_id,
        cast(targets.plan_row as integer) as plan_row,
        targets.indicator_id,
        coalesce(indicators.indicator_label, targets.target_label) as indicator_label,
        targets.unit,
        targets.baseline_value,
        cast(targets.baseline_year as integer) as baseline_year,
        targets.baseline_figure_id,
        targets.target_value,
        cast(targets.target_year as integer) as target_year,
        targets.target_window,
        targets.comparator,
        own_verdicts.latest_value,
        own_verdicts.latest_month,
        own_verdicts.latest_window,
        own_verdicts.missing_count,
        own_verdicts.is_lower_bound,
        own_verdicts.required_growth,
        own_verdicts.observed_growth,
        own_verdicts.ratio,
        own_verdicts.class,
        rivals.figure_ids as rival_figure_ids,
        rivals.baseline_value as alternative_baseline_value,
        rivals.ratio as alternative_ratio,
        rivals.class as alternative_class,
        case own_verdicts.latest_window
            when 'point' then own_verdicts.latest_month || ' 月末存量'
            when 'year' then substring(own_verdicts.latest_month, 1, 4) || ' 年全年'
            when 'ytd' then substring(own_verdicts.latest_month, 1, 4) || ' 年 1 至 '
                || cast(cast(substring(own_verdicts.latest_month, 6, 2) as integer) as varchar) || ' 月累计，是全年数的下限'
        end
        || case when own_verdicts.missing_count > 0 then '，缺 ' || cast(own_verdicts.missing_count as varchar) || ' 份报送' else '' end
            as latest_basis
    from {{ ref('plan_targets') }} as targets
    inner join own_verdicts on own_verdicts.target_id = targets.target_id and own_verdicts.place = 1
    left join {{ ref('core_indicators') }} as indicators on indicators.indicator_id = targets.indicator_id
    left join rivals on rivals.target_id = targets.target_id
),

sentences as (
    select
        *,
        case
            when class = 'no_data' then '本系统尚无该指标的已接受数据，不能判定。'
            when class = 'undetermined' and is_lower_bound and latest_window = 'point'
                then latest_basis || '：' || {{ amount_text('latest_value') }} || ' ' || unit || '，是已报单位的合计，报齐以前不能判定。'
            when class = 'undetermined' and is_lower_bound
                then latest_basis || '：' || {{ amount_text('latest_value') }} || ' ' || unit || '，还不能与基期的全年数比较。'
            when class = 'undetermined'
                then latest_basis || '：' || {{ amount_text('latest_value') }} || ' ' || unit || '；按现有基期和目标算不出应有增速。'
            when class = 'achieved'
                then latest_basis || '：' || {{ amount_text('latest_value') }} || ' ' || unit || '，已达到目标 '
                    || {{ amount_text('target_value') }} || ' ' || unit || '。'
            else latest_basis || '：' || {{ amount_text('latest_value') }} || ' ' || unit
                || '；年均应增 ' || {{ number_text('required_growth * 100') }} || '%，'
                || case when is_lower_bound then '实增至少 ' else '实增 ' end || {{ number_text('observed_growth * 100') }} || '%，R = '
                || {{ number_text('ratio') }} || '，' || {{ plan_class_label('class') }} || '。'
        end as own_sentence,
        case
            when rival_figure_ids is null then ''
            when class = 'no_data' then '基期另有公布数 ' || {{ amount_text('alternative_baseline_value') }} || ' ' || unit || '。'
            else '若基期取 ' || {{ amount_text('alternative_baseline_value') }} || ' ' || unit
                || case
                    when alternative_ratio is null then '，'
                    else '，R = ' || {{ number_text('alternative_ratio') }} || '，'
                end
                || case when alternative_class = class then '结论相同。' else '则为' || {{ plan_class_label('alternative_class') }} || '。' end
        end as rival_sentence
    from joined
)

select
    sentences.*,
    {{ plan_class_label('class') }} as class_label,
    own_sentence || rival_sentence as class_reason,
    case when rival_figure_ids is not null then baseline_figure_id || ' ' || rival_figure_ids end as verdict_depends_on,
    coalesce(alternative_class <> class, false) as is_verdict_contested,
    load_context.is_practice
from sentences
cross join {{ ref('stg_load_context') }} as load_context
