"""Making a former release current again, by decision of a person.

Belongs here: whether it may be, and the act. Does not belong here: the renames (`switch`), or the record of it (`record`).
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.release.catalog import Manifest, ReleaseError, current_release, read_manifest, read_pending
from pipelines.release.switch import publishing_lock, repair_locked, switch_to, when
from pipelines.release.verify import file_problems
from pipelines.settings import Settings


@dataclass(frozen=True)
class Restored:
    """What a restoring came to.

    Attributes:
        before: id of the release that was current until then; None if none was.
        warnings: Chinese sentences: what was mended before, what could not be done, what will replace it.
    """

    manifest: Manifest
    before: str | None
    warnings: tuple[str, ...]


def restore(settings: Settings, release_id: str, *, reason: str, who: str) -> Restored:
    """Make a release current again for all readers; who, when and why is kept in the archive for good.

    It stays current until a load finds something new, an embargo is over, or another one is restored.

    Raises:
        ReleaseError: it is not there, damaged, current already or under embargo, or practice would replace real data.
    """
    with publishing_lock(settings):
        warnings = repair_locked(settings)
        manifest, current = read_manifest(settings, release_id), current_release(settings)
        pending = read_pending(settings)
        if release_id in {each.release_id for each in pending}:
            raise ReleaseError(
                f"{release_id} 是定时发布，时间还没有到；要提前，用 wanstat load {manifest.month} --not-before 写一个已过的日期"
            )
        if current is not None and current.release_id == release_id:
            raise ReleaseError(f"{release_id} 已经是当前发布，不需要恢复")
        if current is not None and manifest.is_practice and not current.is_practice:
            raise ReleaseError(f"{release_id} 是练习数据，不能替换真实数据的当前发布 {current.release_id}")
        if problems := file_problems(settings, manifest):
            raise ReleaseError(f"{release_id} 已损坏，不能恢复：{problems[0].what}；wanstat release list 看还有哪些发布")
        warnings += switch_to(settings, manifest, "restore", who=who, reason=reason)
        warnings += [f"定时发布 {each.release_id} 到 {when(each.not_before)} 仍会成为当前发布。" for each in pending]
    return Restored(manifest, current.release_id if current else None, tuple(warnings))
