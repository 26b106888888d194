"""How much a file may claim, hold or expand to before it is refused, and the words it is refused with.

Belongs here: limits with the reason for each, and the refusals that name them. Does not belong here: finding out what a file
holds (`packages`, `binaries`, `texts`), or limits of time and memory (`children`).
"""

from __future__ import annotations

from pipelines.collect.containers import Unreadable

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384  # Excel's own grid: a cell outside it was not made by a spreadsheet program
MAX_OLD_ROWS, MAX_OLD_COLUMNS = 65_536, 256  # the grid of Excel 97 to 2003
# A workbook's cells are all in memory at once, some 100 bytes each; the largest honest one, 200,000 rows of 12, has 2.4 million.
MAX_CELLS = 10_000_000
MAX_SHEETS = 500  # a sheet for each township of a province is about the most a person keeps in one workbook
MAX_MERGED = 100_000  # merged ranges of a sheet; one for every row of a long report, and no more
MAX_PARTS = 5_000  # files in a zip container: a dozen, and a few for each sheet or picture
MAX_EXPANDED_BYTES = 512 << 20  # 200,000 rows of 12 are about 100 MB of XML
MAX_RATIO = 100  # sheets shrink about tenfold, ruled empty rows thirtyfold; beyond that something was made to expand
SMALL_BYTES = 16 << 20  # what expands to less than this does no harm at whatever ratio
MAX_COUNT_DIGITS = 7  # a part that claims to hold ten million strings or more: readers reserve memory by such claims
MAX_KEY_ROUNDS = 1_000_000  # Excel derives keys in 100,000 rounds; a file may ask for 4,000 million
MAX_LINES = 5_000_000  # of a text; the largest extract we were told of has one million
MAX_LINE_CHARACTERS = 4_000_000  # a line without an end would be held whole
MAX_FIELD_CHARACTERS = 1_000_000  # Excel's own limit is 32,767; a quote that is never closed swallows the rest of the file
MAX_SPANNED_CELLS = 2_000_000  # cells under colspan and rowspan of an HTML table

_TIDY = "请在 Excel 中删去数据区以外的行列（选中后右键—删除）再保存，或把数据复制到下发的模板后重新发送"
_COPY = "请在 Excel 中打开，把数据复制到下发的模板后重新发送"
OUTSIDE_GRID = Unreadable("工作簿里有超出 Excel 范围的行号或列号（最多 1048576 行、16384 列），未读取", _COPY)
TOO_MANY_CELLS = Unreadable("工作表的已用区域太大（超过一千万格），未读取", _TIDY)
TOO_MANY_SHEETS = Unreadable(f"工作簿的工作表超过 {MAX_SHEETS} 张，未读取", "请只保留要报送的工作表后重新发送")
TOO_MANY_MERGED = Unreadable(f"工作表的合并单元格超过 {MAX_MERGED} 处，未读取", "请取消合并单元格后重新发送")
TOO_MANY_PARTS = Unreadable(f"工作簿内的文件超过 {MAX_PARTS} 个，未读取", _COPY)
EXPANDS_TOO_MUCH = Unreadable("工作簿解压后太大（可能是压缩炸弹），未读取", _COPY)
OVERLAPPING = Unreadable("工作簿的压缩包结构异常（各部分相互重叠），未读取", _COPY)
ENTITIES = Unreadable("工作簿里有外部实体声明（DOCTYPE、ENTITY 或外部架构），未读取", _COPY)
FALSE_CLAIM = Unreadable("工作簿里声明的大小与实际内容不符，文件可能被改动或已损坏", "请在 Excel 中打开，另存为 .xlsx 后重新发送")
TOO_MANY_KEY_ROUNDS = Unreadable("工作簿的加密参数异常，未读取", "请在 Excel 中取消密码后重新发送")
TOO_MANY_LINES = Unreadable(f"文本超过 {MAX_LINES} 行，未读取", "请拆分后重新发送")
TOO_LONG_LINE = Unreadable("文本里有一行太长（超过四百万字符），不是表格", "请在 Excel 中打开确认后另存为 CSV，重新发送")
TOO_MANY_COLUMNS = Unreadable(f"文本里有一行超过 {MAX_COLUMNS} 列，未读取", "请在 Excel 中打开确认后另存为 CSV，重新发送")
TOO_MANY_SPANS = Unreadable("网页表格的跨行跨列太多，未读取", "请用 Excel 打开后另存为 .xlsx，重新发送")
