-- One row a plan target: the verdict with its reason in one or two sentences, and what would change it.
with sentences as (
    select
        *,
        case undetermined_because
            when 'no_reference' then '目标是“' || comparator_as_written || '”，没有可以对照的数，不能判定；'
                || coalesce(latest_text, '本系统也还没有这个指标的数据') || '。'
            when 'incomplete' then latest_text || '；数据不全，'
                || case when path_kind = 'rate' then '算不出各年平均' else '补齐以后可高可低' end || '，不能判定。'
            when 'no_baseline' then latest_text || '；没有公布的基期值，只能说离目标（' || target_text || '）'
                || case when certainty = 'at_least' then '至多' else '' end || '还差 '
                || {{ difference_text('distance', 'unit') }} || '。'
            when 'no_target_year' then latest_text || '；目标没有写明年份，只能说离目标（' || target_text || '）'
                || case when certainty = 'at_least' then '至多' else '' end || '还差 '
                || {{ difference_text('distance', 'unit') }} || '。'
            when 'lower_bound' then latest_text || case latest_window
                when 'ytd' then '，还不能与全年的要求比较。'
                when 'since_base' then '，是已有各年之和，缺的补齐以前不能判定。'
                else '，是已报单位的合计，报齐以前不能判定。'
            end
            when 'no_growth' then latest_text || '；按现有基期和目标算不出应有增速。'
        end as open_sentence,
        -- The arithmetic of R; where there is no path, how far it is.
        case
            when is_nearly_met then '比目标（' || target_text || '）' || case when latest_value < target_value then '低' else '高' end
                || ' 5% 以上、不超过 10%，'
            when is_met_at_base then '基期已达到目标 ' || target_text || '，现在反而没有达到，'
            when path_kind = 'rate' then '目标为年均 ' || target_text || '，'
            when path_kind = 'compound' then '年均应' || {{ change_word('required_growth') }} || ' '
                || {{ number_text('abs(required_growth * 100)') }} || '%，实'
                || {{ change_word('observed_growth') }} || at_least_word || {{ number_text('abs(observed_growth * 100)') }} || '%，'
            else case when start_value = 0 and reading <> 'increment' then '基期为 0，按直线计，' else '' end
                || '每年应' || {{ change_word('required_change') }} || ' ' || {{ difference_text('required_change', 'unit') }}
                || '，实' || {{ change_word('observed_change') }} || at_least_word
                || {{ difference_text('observed_change', 'unit') }} || '，'
        end
        || case when is_nearly_met or ratio is null then '' else 'R = ' || {{ number_text('ratio') }} || '，' end
        || {{ plan_class_label('class') }} || '。' || case when is_nearly_met then '' else outlook_text end as growth_sentence,
        latest_text || case when comparator = '>' then '，已超过目标 ' else '，已达到目标 ' end || target_text
        || case
            when latest_value > target_value_max then '，且在上限以上'
            when is_about and abs(latest_value / target_value - 1) > 0.05 then '，且优于目标 5% 以上'
            when is_about then '，相差在 5% 以内'
            else ''
        end || '。' as met_sentence
    from {{ ref('core_plan_phrases') }}
),

-- One row a figure that stands by a ruling.
ruled as (
    select
        standing_figure_id,
        min(conflict_id) as ruling_conflict_id,
        min(decided_by) as decided_by,
        min(decided_on) as decided_on
    from {{ ref('stg_figure_rulings') }}
    where standing_figure_id is not null
    group by standing_figure_id
),

rivals as (
    select
        sentences.*,
        ruled.ruling_conflict_id,
        case
            when ruled.ruling_conflict_id is null then ''
            else '基期取 ' || {{ quantity_text('baseline_value', 'measured_unit') }} || '，是' || ruled.decided_by
                || coalesce(' ' || cast(ruled.decided_on as varchar) || ' ', '') || '裁定的。'
        end as ruling_sentence,
        case
            when not is_met_at_base or class = 'deteriorating' then ''
            else '基期（' || {{ quantity_text('baseline_value', 'measured_unit') }} || '）时就已达到'
                || case when class = 'achieved' then '' else '目标 ' || target_text end || '。'
        end as base_sentence,
        case
            when baseline_value is null or baseline_figure_id is not null then ''
            else '基期 ' || {{ quantity_text('baseline_value', 'measured_unit') }} || '没有直接公布，是由原文推出的。'
        end as derived_sentence,
        case
            when rival_figure_ids is null then ''
            when class = 'no_data' then '基期另有公布数 ' || {{ quantity_text('alternative_baseline_value', 'measured_unit') }} || '。'
            else '若基期取 ' || {{ quantity_text('alternative_baseline_value', 'measured_unit') }}
                || {{ alternative_text('alternative_ratio', 'alternative_class', 'class') }}
        end as baseline_sentence,
        case
            when coalesce(class_at_lower = class and class_at_upper = class, true) then ''
            else '基期 ' || {{ quantity_text('baseline_value', 'measured_unit') }} || '是舍入过的数：若原为 '
                || {{ quantity_text('baseline_lower', 'measured_unit') }}
                || {{ alternative_text('ratio_at_lower', 'class_at_lower', 'class') }}
                || '若原为 ' || {{ quantity_text('baseline_upper', 'measured_unit') }}
                || {{ alternative_text('ratio_at_upper', 'class_at_upper', 'class') }}
        end as rounding_sentence,
        case
            when alternative_definition_id is null then ''
            when alternative_definition_class = 'no_data' then '另一口径“' || alternative_definition_label || '”还没有数据。'
            else '若按另一口径“' || alternative_definition_label || '”计 ' || {{ quantity_text('alternative_definition_value', 'unit') }}
                || {{ alternative_text('alternative_definition_ratio', 'alternative_definition_class', 'class') }}
        end as definition_sentence,
        case
            when target_window <> 'level_or_increment' then ''
            when reading = 'increment' then '原文也可读作总量，总量没有数可比。'
            when class = 'no_data' then '原文也可读作新增 ' || target_text || '。'
            else '原文也可读作新增 ' || target_text
                || '，比基期净' || {{ change_word('alternative_reading_value') }} || ' '
                || {{ difference_text('alternative_reading_value', 'unit') }}
                || {{ alternative_text('alternative_reading_ratio', 'alternative_reading_class', 'class') }}
        end as reading_sentence
    from sentences
    left join ruled on ruled.standing_figure_id = sentences.baseline_figure_id
)

select
    rivals.*,
    {{ plan_class_label('class') }} as class_label,
    case
        when class = 'undetermined' then open_sentence
        when class = 'no_data' and is_computed then '报表已有，基期以来还没有可用的全市数，不能判定。'
        when class = 'no_data' then '还没有报表填报这个指标，不能判定。'
        when class = 'achieved' then met_sentence
        else latest_text || '；' || growth_sentence
    end || base_sentence || derived_sentence || ruling_sentence || baseline_sentence || rounding_sentence || definition_sentence || reading_sentence as class_reason,
    case
        when expected_year is not null then null
        when class = 'achieved' then '已达到'
        when class in ('undetermined', 'no_data') then '尚不能判定'
        when path_kind = 'rate' then '年均增速要到目标年才有定论'
        when path_kind = 'none' then '没有基期，算不出变化'
        else '照现在的变化，一百年内达不到'
    end as expected_year_reason,
    case when rival_figure_ids is not null then baseline_figure_id || ' ' || rival_figure_ids end as verdict_depends_on,
    coalesce(alternative_class not in (class, 'no_data'), false)
    or coalesce(alternative_definition_class not in (class, 'no_data'), false)
    or coalesce(alternative_reading_class not in (class, 'no_data'), false)
    or coalesce(class_at_lower <> class or class_at_upper <> class, false) as is_verdict_contested,
    load_context.is_practice
from rivals
cross join {{ ref('stg_load_context') }} as load_context
