select
    cast(indicator_id as varchar) as indicator_id,
    cast(hierarchy as varchar) as hierarchy,
    cast(area_id as varchar) as area_id,
    cast({{ period_of('month', 'window_kind') }} as varchar) as period_id,
    cast(window_kind as varchar) as window_kind,
    cast(vintage as integer) as vintage,
    cast(previous_release_id as varchar) as previous_release_id,
    cast(release_id as varchar) as release_id,
    cast(known_from as timestamp) as known_from,
    cast(previous_value as decimal(20,6)) as previous_value,
    cast(value as decimal(20,6)) as value,
    cast(unit as varchar) as unit,
    cast(case when unit = previous_unit then value - previous_value end as decimal(20,6)) as difference,
    cast(case
        when unit = previous_unit and previous_value <> 0
            then cast(value - previous_value as double) / cast(abs(previous_value) as double)
    end as double) as relative_difference,
    cast(previous_status as varchar) as previous_status,
    cast(obs_status as varchar) as obs_status,
    cast(is_withdrawn as boolean) as is_withdrawn,
    cast(reason_code as varchar) as reason_code,
    cast(case reason_code
        when 'C' then '市里更正：更正、标为存疑，或不再采用'
        when 'R1' then '来源数据修订：填报单位重报'
        when 'R2' then '例行更新：原来没有的报送到了'
        when 'R3' then '方法变化：报送和更正都没有变，程序或口径变了'
    end as varchar) as reason_label,
    cast(sender_ids as varchar) as sender_ids,
    cast(sender_names as varchar) as sender_names,
    cast(is_method_changed as boolean) as is_method_changed,
    cast(is_practice as boolean) as is_practice
from {{ ref('core_revisions') }}
