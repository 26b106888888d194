"""The formats of a release beside the database and Parquet, written by one call: CSV with CSVW, dictionary, SDMX, data contract.

Belongs here: which formats there are and that they come all or not at all. Does not belong here: what any of them looks like.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from pipelines.files import sync_folder
from pipelines.forms.seeds import read_seed
from pipelines.release.codes import TableRules
from pipelines.release.contract import CONTRACT, render_contract
from pipelines.release.dictionary import DICTIONARY, dictionary_sheets, render_dictionary
from pipelines.release.exports import CSV, write_csv_files
from pipelines.release.sdmx import SDMX, Message, can_be_told, write_sdmx
from pipelines.tables import ResultTable

_UNFINISHED = ".formats"


def write_formats(
    folder: Path,
    tables: Sequence[ResultTable],
    rules: Mapping[str, TableRules],
    *,
    seeds: Path,
    release_id: str,
    built_at: datetime,
    is_practice: bool,
) -> None:
    """Write csv/, sdmx/, dictionary.xlsx and contract.odcs.yaml into a release whose parquet/ is written; all of them or none.

    The same release gives the same bytes. SDMX is written where the release has observations with their indicators and areas.

    Args:
        folder: of the release.
        tables: those in `folder`/parquet.
        rules: what dbt tests of them, by table.
        seeds: the folder of dbt's seeds, for the code lists of the forms.
        built_at: UTC, without a zone.

    Raises:
        ReleaseError: a code cannot be told in SDMX.
    """
    unfinished, parquet = folder / _UNFINISHED, folder / "parquet"
    message = Message(release_id=release_id, prepared=built_at, is_practice=is_practice)
    unfinished.mkdir()
    try:
        with ThreadPoolExecutor(max_workers=1) as beside:  # DuckDB and Polars in turn leave a core idle
            told = beside.submit(write_sdmx, parquet, unfinished / SDMX, message) if can_be_told(tables) else None
            write_csv_files(parquet, unfinished / CSV, tables, rules)
            sheets = dictionary_sheets(parquet, tables, rules, read_seed(seeds / "code_lists.csv"))
            heading = f"数据字典 {release_id}" + ("【练习数据】" if is_practice else "")
            (unfinished / DICTIONARY).write_bytes(render_dictionary(sheets, heading=heading))
            contract = render_contract(tables, rules, version=version("wanstat"), is_practice=is_practice)
            (unfinished / CONTRACT).write_text(contract, encoding="utf-8")
            if told:
                told.result()
        for made in sorted(unfinished.iterdir()):
            shutil.move(made, folder / made.name)
        unfinished.rmdir()
    except BaseException:  # also when interrupted from the keyboard
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    sync_folder(folder)
