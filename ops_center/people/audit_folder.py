"""The folder of the audit's signed heads: outside the database, one file per process that writes, appended and synced.

A process takes the first file of its machine that no other holds (a lock of the system, gone with the process), so that
a center that starts anew every day has no more files than processes. Old heads are thinned out: a newer head vouches
for all rows before it, older ones only tell more narrowly where something was rewritten.
"""

from __future__ import annotations

import fcntl
import os
import re
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ops_center.people.audit_heads import Head, HeadReader, read_line

_SUFFIX = ".heads.jsonl"
_MOST_LINES = 20_000
_NEWEST_KEPT = 2_000
_SLOTS = 1000


@dataclass(frozen=True, slots=True)
class Heads:
    """What a folder holds."""

    good: tuple[Head, ...]
    """by seq"""
    bad: tuple[str, ...]
    """lines that are no head, or signed with another key: file, line, why"""


class HeadFile:
    """The file of one process. Belongs to one thread; every method raises OSError."""

    def __init__(self, folder: Path, machine: str | None = None) -> None:
        self._folder = folder
        self._machine = re.sub(r"[^\w-]", "_", machine or socket.gethostname())[:100]
        self._path: Path | None = None
        self._descriptor: int | None = None
        self._size = 0
        self._lines = 0

    def write(self, head: Head) -> None:
        """Append ``head`` and see it onto the disk."""
        descriptor = self._opened()
        line = f"{head.line()}\n".encode()
        if os.fstat(descriptor).st_size != self._size:
            os.ftruncate(descriptor, self._size)  # a full disk took half a line, which would spoil this one
        _write(descriptor, line)
        os.fsync(descriptor)
        self._size += len(line)
        self._lines += 1
        if self._lines >= _MOST_LINES:
            self._thin_out()

    def close(self) -> None:
        """Let go of the file: the next process goes on in it."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def _opened(self) -> int:
        """Return the descriptor of a file of ours; another one if somebody put the old one aside."""
        if self._descriptor is not None and self._path is not None and _is_at(self._descriptor, self._path):
            return self._descriptor
        self.close()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number in range(1, _SLOTS):
            path = self._folder / f"{self._machine}-{number}{_SUFFIX}"
            descriptor = _locked(path)
            if descriptor is not None:
                self._descriptor, self._path = descriptor, path
                self._start(descriptor)
                return descriptor
        raise OSError(f"all {_SLOTS} files of {self._folder} are in use")

    def _start(self, descriptor: int) -> None:
        """Count what is there, cut off half a line that a killed process left, and keep the name over a power cut."""
        content = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
        self._size = content.rfind(b"\n") + 1
        self._lines = content.count(b"\n")
        if self._size != len(content):
            os.ftruncate(descriptor, self._size)
        _sync_folder(self._folder)

    def _thin_out(self) -> None:
        """Write the file anew with the newest heads and one of each day of the older; a power cut leaves either."""
        if self._path is None or self._descriptor is None:
            return
        draft = self._path.with_suffix(".draft")
        lines = thinned(os.pread(self._descriptor, self._size, 0).decode("utf-8", "replace").split("\n")[:-1])
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            content = "".join(f"{line}\n" for line in lines).encode()
            _write(descriptor, content)
            os.fsync(descriptor)
            draft.rename(self._path)
        except OSError:
            os.close(descriptor)
            raise
        os.close(self._descriptor)
        self._descriptor, self._size, self._lines = descriptor, len(content), len(lines)
        _sync_folder(self._folder)


def thinned(lines: Sequence[str]) -> list[str]:
    """Return the newest lines and, of the older, the last of each day; what is no head stays: it is a finding."""
    older, newest = lines[:-_NEWEST_KEPT], lines[-_NEWEST_KEPT:]
    last_of_day: dict[str, str] = {}
    for number, line in enumerate(older):
        head = read_line(line)
        last_of_day[head.time[:10] if head else f"no head {number}"] = line
    return [*last_of_day.values(), *newest]


def read_heads(folder: Path, reader: HeadReader) -> Heads:
    """Return what the files of ``folder`` hold, whoever wrote them. Raises OSError for one that can't be read."""
    good, bad = [], []
    for path in _files(folder):
        for number, line in _lines(path):
            head = read_line(line)
            if head is not None and reader.signed(head):
                good.append(head)
            else:
                bad.append(f"{path.name}, line {number}: {'signed with another key' if head else 'no head'}")
    good.sort(key=lambda head: (head.seq, head.time))
    return Heads(tuple(good), tuple(bad))


def newest_head(folder: Path, reader: HeadReader) -> Head | None:
    """Return the head with the highest seq, whoever wrote it; looks at few signatures. Raises OSError."""
    found = [head for path in _files(folder) for _, line in _lines(path) if (head := read_line(line))]
    found.sort(key=lambda head: (head.seq, head.time), reverse=True)
    return next((head for head in found if reader.signed(head)), None)


def set_aside(folder: Path, name: str) -> Path:
    """Move all files of heads into a folder of their own below ``folder``: nothing vouches any more. Raises OSError."""
    aside = folder / name
    aside.mkdir(mode=0o700)
    for path in _files(folder):
        path.rename(aside / path.name)
    _sync_folder(folder)
    return aside


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob(f"*{_SUFFIX}") if path.is_file())


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield whole lines; half a one at the end is being written, or its writer was killed."""
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1].decode("utf-8", "replace")
    yield from enumerate(whole.split("\n")[:-1], 1)


def _locked(path: Path) -> int | None:
    """Return a descriptor of ``path`` that we alone hold; None if another does."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:
        os.close(descriptor)
        raise
    if not _is_at(descriptor, path):  # its holder wrote it anew between our two steps
        os.close(descriptor)
        return None
    return descriptor


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _write(descriptor: int, content: bytes) -> None:
    """A disk that fills up takes a part: the next step says why it took no more."""
    while content:
        content = content[os.write(descriptor, content) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
