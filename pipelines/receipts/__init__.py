"""Receipts: what a sender gets back about a submission, to mend it, to explain it, or to know that it counts.

- `receipt`: one receipt, its words and its order; `due`: which of them a month asks for.
- `front_sheet`, `marks`: the sheet with the findings and the answers to them; marks at the cells of the sender's own sheets.
- `keeping`: marking a copy of the sender's own .xlsx; `rewriting`: the cells as they were read where there is no such copy.
- `inert`: putting cells of others into a workbook so that nothing comes of them; the same workbook as the same bytes.
- `workbook`: which of these a receipt is made by, in a child process; `report`: the same for machines; `written`: the files.
"""
