"""Whether what lies in `published/` is what was released: files, tables, the current release, the archive.

Belongs here: looking, and saying what is wrong and what to do. Does not belong here: mending (`switch`).
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from pipelines.release.catalog import (
    DATABASE,
    MANIFEST,
    Manifest,
    ReleaseError,
    current_file,
    current_release,
    damaged_releases,
    kept_folder,
    list_releases,
    read_manifest,
    read_pending,
    release_folder,
    stable_database,
    switching_file,
)
from pipelines.release.database import digest_table, open_for_reading, read_declarations
from pipelines.release.history import HISTORY, KEPT
from pipelines.release.record import read_record
from pipelines.release.schema import PUBLIC_SCHEMA, quoted
from pipelines.release.switch import sha256_of
from pipelines.settings import Settings

FROM_BACKUP = "请从备份取回这个发布的整个文件夹；没有备份的，不要再用它，各数的版次仍在归档里"
LOAD_AGAIN = "再运行一次 wanstat load，会自动修复"
KEEP_ARCHIVE = "归档不该有改动：请从备份取回 var/archive"


@dataclass(frozen=True)
class Problem:
    """Something that is not as it was released; `release_id` is None where it is of no one release. Chinese."""

    release_id: str | None
    what: str
    advice: str


def verify(settings: Settings, release_ids: list[str]) -> list[Problem]:
    """Everything wrong with these releases and with what readers are given."""
    problems = _current_problems(settings)
    damaged = damaged_releases(settings)
    for release_id in release_ids:
        if release_id in damaged:
            problems.append(Problem(release_id, f"{MANIFEST} 读不出", FROM_BACKUP))
            continue
        if release_id not in every_release(settings):
            continue  # `current.json` names it, and that has been told
        manifest = read_manifest(settings, release_id)
        of_files = file_problems(settings, manifest)
        problems += of_files
        if DATABASE in manifest.files and not any(f" {DATABASE} " in f" {one.what} " for one in of_files):
            problems += _table_problems(settings, manifest)
        problems += _archive_problems(settings, manifest)
    return problems


def every_release(settings: Settings) -> list[str]:
    """The ids of all releases, damaged ones included."""
    return [*(one.release_id for one in list_releases(settings)), *damaged_releases(settings)]


def file_problems(settings: Settings, manifest: Manifest) -> list[Problem]:
    """Files of a release that are missing, differ in size or SHA-256 from the manifest, or that it does not name."""
    folder, found = release_folder(settings, manifest.release_id), []
    for name, entry in manifest.files.items():
        path = folder / name
        if not path.is_file():
            found.append(f"缺少 {name} 这个文件")
        elif path.stat().st_size != entry.bytes:
            found.append(f"文件 {name} 有 {path.stat().st_size} 字节，应为 {entry.bytes} 字节")
        elif sha256_of(path) != entry.sha256:
            found.append(f"文件 {name} 的内容被改动过（SHA-256 不符）")
    problems = [Problem(manifest.release_id, what, FROM_BACKUP) for what in found]
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return problems + [
        Problem(manifest.release_id, f"多出文件 {name} ，不是发布时写的", "请确认是谁放的，移到别处")
        for name in sorted(there - manifest.files.keys() - {MANIFEST})
    ]


def _table_problems(settings: Settings, manifest: Manifest) -> list[Problem]:
    """Tables whose digest, computed anew, is not the manifest's."""
    found = []
    with open_for_reading(release_folder(settings, manifest.release_id) / DATABASE) as database:
        [(catalog,)] = database.execute("SELECT current_database()").fetchall()
        declared = {table.name: table for table in read_declarations(database, catalog)}
        for name in sorted(declared.keys() ^ manifest.tables.keys()):
            found.append(f"表 {name} {'不在说明文件里' if name in declared else '不见了'}")
        for name in sorted(declared.keys() & manifest.tables.keys()):
            try:
                source = f"{PUBLIC_SCHEMA}.{quoted(name)}"
                entry = digest_table(database, source, declared[name], manifest.digest_leaves_out.get(name, ()))
            except duckdb.Error as error:
                found.append(f"表 {name} 读不出：{str(error).splitlines()[0]}")
                continue
            if entry != manifest.tables[name]:
                found.append(f"表 {name} 的内容与说明文件不符（{entry.rows} 行，应为 {manifest.tables[name].rows} 行）")
    return [Problem(manifest.release_id, what, FROM_BACKUP) for what in found]


def _archive_problems(settings: Settings, manifest: Manifest) -> list[Problem]:
    """What the archive does not know of a release, or knows otherwise."""
    problems = []
    for table in KEPT:
        kept = kept_folder(settings, table) / f"{manifest.release_id}.parquet"
        own = manifest.files.get(f"{HISTORY}/{table}.parquet")
        if own is None:
            continue  # of a version that did not keep this table
        if not kept.exists():
            problems.append(Problem(manifest.release_id, f"归档里没有它的 {table} 变动", LOAD_AGAIN))
        elif sha256_of(kept) != own.sha256:
            problems.append(Problem(manifest.release_id, f"归档里它的 {table} 变动与发布时不符", KEEP_ARCHIVE))
    return problems


def _current_problems(settings: Settings) -> list[Problem]:
    """Whether `current.json`, the stable database, the embargoes and the record of switches can be read and agree."""
    problems = []
    if switching_file(settings).exists():
        problems.append(Problem(None, "上次切换没有做完", LOAD_AGAIN))
    try:
        current = current_release(settings)
    except ReleaseError as error:
        return [*problems, Problem(None, str(error), LOAD_AGAIN)]
    stable = stable_database(settings)
    if current is None:
        if stable.exists():
            problems.append(Problem(None, f"有 {stable.name} 而没有 {current_file(settings).name}", LOAD_AGAIN))
    elif not stable.exists():
        problems.append(Problem(None, f"没有 {stable.name}", LOAD_AGAIN))
    elif sha256_of(stable) != current.files[DATABASE].sha256:
        problems.append(Problem(None, f"{stable.name} 不是当前发布 {current.release_id} 的数据库", LOAD_AGAIN))
    try:
        read_pending(settings)
        record = read_record(settings)
    except ReleaseError as error:
        return [*problems, Problem(None, str(error), KEEP_ARCHIVE)]
    if [switch.number for switch in record] != list(range(1, len(record) + 1)):
        problems.append(Problem(None, "归档里的切换记录编号不连续", KEEP_ARCHIVE))
    if record and current and record[-1].release_id != current.release_id:
        problems.append(Problem(None, f"当前发布是 {current.release_id}，而归档记的最后一次切换是 {record[-1].release_id}",
                                "若曾修复过丢失的发布，属正常；否则请核对 wanstat release list"))  # fmt: skip
    return problems
