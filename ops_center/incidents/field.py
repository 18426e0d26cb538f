"""What comes from the field, over lines that break: late, and perhaps twice. Pure.

A phone keeps what its crew pressed until the center has answered, and sends it again if no answer came. Each has a key:
a task remembers those of the last ones done to it, so that what comes again is known and nothing is done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from ops_center.domain.text import Label
from ops_center.domain.time import DAY_US
from ops_center.incidents.incident import Refusal
from ops_center.incidents.task import OVER, Answer, Stage, Task, TaskChange

MOST_FILES = 30
"""of one task"""
OLDEST_US = 2 * DAY_US
"""what is said to have happened longer ago is taken as of then: a phone's clock may be wrong by years"""
DONE = Refusal("done", Label("此前已完成", "this was done already"))
"""no fault: who hears it may forget what they sent"""
_REMEMBERED = 24
_NO_FILE = Refusal("files", Label("没有新的照片", "there is no new photo"))
_MANY = Refusal("files", Label(f"每项任务最多{MOST_FILES}个文件", f"a task has at most {MOST_FILES} files"))
_STAGE = Refusal("stage", Label("任务尚未开始或已结束", "the task has not begun, or is over"))


def once(task: Task, key: str, act: Callable[[Task], Answer]) -> Answer:
    """Do ``act`` to the task unless it was done under this key already; "": it has no key, and is done."""
    if key and key in task.keys:
        return DONE
    answer = act(task)
    if isinstance(answer, Refusal) or not key:
        return answer
    kept = (*task.keys, key)[-_REMEMBERED:]
    return replace(answer, task=replace(answer.task, keys=kept))


def happened_us(told_us: int | None, now_us: int, task: Task | None = None) -> int:
    """Return when something happened that is told now: never later than now, nor before the task could begin."""
    if told_us is None:
        return now_us
    earliest_us = max(now_us - OLDEST_US, task.begins_us if task else 0)
    return min(max(told_us, earliest_us), now_us)


def photo(task: Task, files: Iterable[str]) -> Answer:
    """Add pictures to a task, under the hashes by which they are kept."""
    if task.stage in OVER | {Stage.WAITING}:
        return _STAGE
    new = tuple(one for one in dict.fromkeys(files) if one not in task.files)
    if not new:
        return _NO_FILE
    if len(task.files) + len(new) > MOST_FILES:
        return _MANY
    after = replace(task, version=task.version + 1, files=task.files + new)
    return TaskChange(after, "photo", detail={"files": list(new)})
