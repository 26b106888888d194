"""How a workbook of ours says what it is, and where the sender answers: names of sheets, properties and columns.

Belongs here: what writer and reader of workbooks share. Does not belong here: writing (`template`, receipts) or weighing
(collect).

The identity is written twice: LibreOffice turns a very-hidden sheet into a hidden one that people then delete, and other
programs drop the document properties.
"""

METADATA_SHEET = "_wanstat"
METADATA_KEYS = ("form", "version", "reporting_unit_id", "month", "is_practice", "prepared_on")
PROPERTY_PREFIX = "wanstat_"
GUIDE_SHEET = "填表说明"
CODES_SHEET = "代码"
RECEIPT_SHEET = "核查回执"
ANSWER_COLUMN, KEY_COLUMN = "说明", "回执码"  # of the receipt: what the sender says, and which finding it is about
NOTHING_TO_ANSWER = "不需要说明"
PRACTICE_MARK = "练习"  # in a file name: the file is practice data
PRACTICE_BANNER = "练习数据，非真实填报"
