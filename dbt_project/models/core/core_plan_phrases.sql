-- One row a plan target: what its verdict rests on in words, from which `core_plan_progress` makes sentences.
with joined as (
    select
        verdicts.*,
        cast(targets.plan_row as integer) as plan_row,
        targets.indicator_id,
        coalesce(indicators.indicator_label, targets.target_label) as indicator_label,
        targets.document_id,
        cast(targets.target_value as decimal(20,6)) as target_value,
        cast(targets.target_value_max as decimal(20,6)) as target_value_max,
        cast(targets.target_year as integer) as target_year,
        targets.target_window,
        targets.comparator,
        targets.comparator_as_written,
        coalesce(measured.unit, verdicts.unit) as measured_unit,
        coalesce(measured.is_computed, false) as is_computed,
        definitions.indicator_label as alternative_definition_label,
        actuals.observed_window,
        actuals.obs_status as latest_status,
        substring(verdicts.latest_month, 1, 4) as latest_year,
        cast(cast(substring(verdicts.latest_month, 6, 2) as integer) as varchar) as latest_month_of_year,
        cast(verdicts.baseline_year + 1 as varchar) as first_year
    from {{ ref('plan_targets') }} as targets
    inner join {{ ref('core_plan_verdicts') }} as verdicts on verdicts.target_id = targets.target_id
    left join {{ ref('core_indicators') }} as indicators on indicators.indicator_id = targets.indicator_id
    left join {{ ref('core_indicators') }} as measured on measured.indicator_id = verdicts.measured_indicator_id
    left join {{ ref('core_indicators') }} as definitions on definitions.indicator_id = verdicts.alternative_definition_id
    -- What is added up or averaged over years is no observation of its own.
    left join {{ ref('core_city_actuals') }} as actuals
        on actuals.indicator_id = verdicts.measured_indicator_id
        and actuals.month = verdicts.latest_month
        and actuals.window_kind = verdicts.latest_window
),

based as (
    select
        *,
        case latest_window
            when 'point' then latest_year || ' 年 ' || latest_month_of_year || ' 月末'
            when 'year' then latest_year || ' 年全年'
            when 'ytd' then latest_year || ' 年 1—' || latest_month_of_year || ' 月累计'
                || case
                    when certainty <> 'at_least' then ''
                    when observed_window = 'point' then '，到年末一般还会增加' -- but one may be struck off
                    else '，是全年数的下限'
                end
            when 'since_base' then case when first_year = latest_year then '' else first_year || ' 年至 ' end
                || latest_year || ' 年 ' || case when first_year = latest_year then '1—' else '' end
                || latest_month_of_year || ' 月合计'
            when 'mean' then case when first_year = latest_year then '' else first_year || ' 至 ' end
                || latest_year || ' 年' || case when first_year = latest_year then '' else '各年平均' end
        end
        || case when missing_year_count > 0 then '，其中 ' || cast(missing_year_count as varchar) || ' 个全年没有数' else '' end
        || case when missing_count > 0 then '，缺 ' || cast(missing_count as varchar) || ' 份报送' else '' end
        || case when latest_status = 'P' then '，暂定数' else '' end as latest_basis
    from joined
)

select
    *,
    latest_basis || '：' || case
        when reading = 'multiple' and latest_value is not null
            then {{ quantity_text('measured_value', 'measured_unit') }} || '，是基期 '
                || {{ quantity_text('baseline_value', 'measured_unit') }} || '的 ' || {{ quantity_text('latest_value', 'unit') }}
        else {{ quantity_text('coalesce(latest_value, measured_value)', 'unit') }}
    end as latest_text,
    case when is_about then '大约 ' else '' end
    || case when target_value_max is null then '' else {{ amount_text('target_value') }} || '—' end
    || {{ quantity_text('coalesce(target_value_max, target_value)', 'unit') }} as target_text,
    case when certainty = 'at_least' then '至少 ' else ' ' end as at_least_word,
    case when is_due then '目标年已过而没有达到。' else '' end
    || case
        when expected_year is not null
            then case when certainty = 'at_least' then '照此不迟于 ' else '照此到 ' end || cast(expected_year as varchar)
                || case when expected_year > target_year then ' 年底才达到。' else ' 年底达到。' end
        when path_kind in ('linear', 'compound') then '照此达不到。'
        else ''
    end as outlook_text
from based
