"""Collect: from whatever an office sends to typed values that know their cell.

In the order in which a file passes through:

- `inbox`, `archive`, `intake`: what has arrived, kept by content; what it was identified as; what counts.
- `reader`, `children`, `examine`: each file in a child process, under limits; what is done there with it.
- `containers`, then `workbooks` (`packages`, `binaries`; `layouts`, `layouts_xml`, `layouts_binary`; `limits`) and `texts`:
  from bytes to sheets of cells.
- `vocabulary`, `signals`, `identify`: which form, reporting unit and month.
- `labels`, `cells`, `headers`, `tables`: where a table is, of whatever form.
- `matching`, `table`, `body`, `totals`: which sheet holds a form's table, which column is which field, which rows are data.
- `answers`: what a receipt that comes back says to earlier findings.
- `conversion`, `values`: the cells of those as values that know their place.
- `whole_columns`, `quantities` (`amounts`, `numerals`, `dates`): what cells say, exactly, a column at once or one by one.
- `problems`: what was found on the way, for `validate` to make findings of.
"""
