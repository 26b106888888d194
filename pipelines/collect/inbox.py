"""Which files have arrived: the regular files below a folder, and those left alone with the reason.

Belongs here: walking folders. Does not belong here: opening files or deciding what they are.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.findings import Finding

# What the generator and people put beside submissions to explain them.
NOT_SUBMISSIONS = {"README.md", "planted.json", ".gitkeep", ".DS_Store", "Thumbs.db", "desktop.ini"}
# What browsers, mail programs, Office and synchronisation call a file until it is all there.
UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".filepart", ".tmp", ".temp", ".td", ".!ut", ".swp")


Reason = tuple[str, str, str]  # rule id, what was found, what to do
LINKED: Reason = ("file.link", "这是指向收件夹以外的链接，未读取", "请把文件本身放进收件夹")


@dataclass(frozen=True)
class InboxFile:
    """A file to be looked at: where it is, and its name relative to `raw/` as people would say it."""

    path: Path
    name: str


def find_files(folder: Path, raw: Path) -> tuple[list[InboxFile], list[Finding]]:
    """The files below `folder` in the order of their names, and one finding for each file left alone.

    Lock files of Office, files still being transferred, empty files, and links that leave the folder (or lead to another
    folder) are named and left alone.
    """
    files: list[InboxFile] = []
    left_alone: list[Finding] = []
    if not folder.is_dir():
        return files, left_alone
    top = folder.resolve()
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in folders:
            if (Path(parent) / name).is_symlink():
                shown = (Path(parent) / name).relative_to(raw).as_posix()
                left_alone.append(_left_alone(shown, LINKED))
        for name in sorted(names):
            path = Path(parent) / name
            shown = path.relative_to(raw).as_posix()
            if name in NOT_SUBMISSIONS:
                continue
            if reason := _why_left_alone(path, top):
                left_alone.append(_left_alone(shown, reason))
            else:
                files.append(InboxFile(path, shown))
    return files, left_alone


def _left_alone(shown: str, reason: Reason) -> Finding:
    rule_id, message, advice = reason
    return Finding(rule_id=rule_id, level=0, severity="info", file_name=shown, message=message, advice=advice)


def _why_left_alone(path: Path, top: Path) -> Reason | None:
    if path.name.startswith(("~$", ".~lock.")):
        return (
            "file.lock",
            "这是 Office 打开文件时的临时锁文件，未读取",
            "请关闭正在编辑的工作簿；正式文件会在下次装载时读取",
        )
    if path.name.lower().endswith(UNFINISHED) or path.name.startswith((".~", "~WR")):
        return "file.unfinished", "文件还没有传完或是临时文件，未读取", "请等传输结束；下次装载时会再看"
    if path.is_symlink() and not path.resolve().is_relative_to(top):
        return LINKED
    if not path.is_file():
        return "file.not_regular", "这不是普通文件，未读取", "请把文件本身放进收件夹"
    if path.stat().st_size == 0:
        return "file.empty", "文件是空的（0 字节），未读取", "请让填报单位重新发送"
    return None


def files_below(paths: Sequence[Path]) -> list[Path]:
    """The files among `paths` and those in the folders among them, without those an inbox would leave alone."""
    found: list[Path] = []
    for path in paths:
        found += [each.path for each in find_files(path, path)[0]] if path.is_dir() else [path]
    return found
