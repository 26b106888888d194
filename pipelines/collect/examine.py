"""Everything that is done with the bytes of one file, in one go: take apart, identify, read the table.

Belongs here: the order of these and what is handed back. Does not belong here: how each is done, or in which process
(`children`).
"""

from __future__ import annotations

import hashlib

from pipelines.collect.answers import answers_of
from pipelines.collect.containers import Container, Unreadable, open_container
from pipelines.collect.identify import identify
from pipelines.collect.signals import signals_of
from pipelines.collect.table import read_table
from pipelines.collect.terms import ArchivedFile, Examined, Terms
from pipelines.forms.identity import CODES_SHEET, METADATA_SHEET, RECEIPT_SHEET


def examine(file: ArchivedFile, terms: Terms) -> Examined:
    """Read a file, say for each of its names what it is, and read its table for each form and month that this gives.

    Raises:
        Unreadable: the bytes cannot be read, or are no longer those that were archived.
        OSError: the archive cannot be read.
    """
    content = file.path.read_bytes()
    if hashlib.sha256(content).hexdigest() != file.path.name:
        raise Unreadable(f"归档文件已损坏：{file.path.name}", "请从备份恢复归档文件夹")
    container = open_container(content)
    del content
    signals = signals_of(container, terms.forms, terms.units) if file.file_names else None
    identities = {name: identify(signals, name, terms.forms, terms.units) for name in file.file_names}
    found = [(str(each.form), str(each.month)) for each in identities.values() if each.problem is None]
    tables = {
        (form, month): read_table(container, terms.forms[form], month, terms.code_lists, terms.scratch)
        for form, month in dict.fromkeys([*found, *file.wanted])
        if terms.forms[form].version_for(month) is not None
    }
    return Examined(identities, tables, (*container.remarks, *_hidden_sheets(container)), answers_of(container))


def _hidden_sheets(container: Container) -> list[str]:
    own = (METADATA_SHEET, CODES_SHEET, RECEIPT_SHEET)
    return [f"隐藏的工作表“{sheet.name}”没有读取" for sheet in container.sheets if sheet.is_hidden and sheet.name not in own]
