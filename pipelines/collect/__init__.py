"""Collect: from whatever an office sends to typed values that know their cell.

In the order in which a file passes through:

- `inbox`, `archive`, `intake`: what has arrived, kept by content; what it was identified as; what counts.
- `reader`, `examine`: each file in a child process, under limits; what is done there with it.
- `containers`, then `workbooks` (`packages`, `binaries`, `layouts`, `limits`) and `texts`: from bytes to sheets of cells.
- `vocabulary`, `signals`, `identify`: which form, reporting unit and month.
- `labels`, `cells`, `headers`, `tables`: where a table is, of whatever form.
- `matching`, `table`, `totals`: which column is which field of a form, which rows are data.
- `quantities` (`numerals`, `dates`): what a cell says, exactly.
- `problems`: what was found on the way, for `validate` to make findings of.
"""
