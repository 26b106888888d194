{# Every one of the columns has a value in every row; one test instead of one a column, since each costs a query and two events. #}
{% test is_filled(model, columns) %}
select *
from {{ model }}
where {% for column in columns %}{{ column }} is null{% if not loop.last %} or {% endif %}{% endfor %}
{% endtest %}
