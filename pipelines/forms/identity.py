"""How a workbook of ours says what it is: the names its hidden sheet and its document properties go by.

Belongs here: what writer and reader of workbooks share. Does not belong here: writing (`template`) or weighing (collect).

The identity is written twice: LibreOffice turns a very-hidden sheet into a hidden one that people then delete, and other
programs drop the document properties.
"""

METADATA_SHEET = "_wanstat"
METADATA_KEYS = ("form", "version", "reporting_unit_id", "month", "is_practice", "prepared_on")
PROPERTY_PREFIX = "wanstat_"
GUIDE_SHEET = "填表说明"
CODES_SHEET = "代码"
PRACTICE_BANNER = "练习数据，非真实填报"
