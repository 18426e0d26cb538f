"""The folder of signed heads: one file per process, whole lines, small for ever, and honest about what it can't do."""

from __future__ import annotations

import multiprocessing
import os
from contextlib import closing
from pathlib import Path

import pytest

from ops_center.people import audit_folder
from ops_center.people.audit_folder import HeadFile, newest_head, read_heads, set_aside
from ops_center.people.audit_heads import Head
from tests.people.chains import SIGNER, STRANGER, T0

DAY_US = 86_400_000_000


def head(seq: int, at_us: int = T0) -> Head:
    return SIGNER.sign(seq, bytes([seq % 256]) * 32, at_us)


def lines(folder: Path) -> list[str]:
    return [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]


def test_what_was_written_is_read_whoever_wrote_it(tmp_path: Path) -> None:
    one, other = HeadFile(tmp_path / "audit"), HeadFile(tmp_path / "audit")
    for seq in (1, 3):
        one.write(head(seq))
    other.write(head(2))
    assert [path.name[-19:] for path in sorted((tmp_path / "audit").iterdir())] == [
        f"{audit_folder.socket.gethostname()}-{n}.heads.jsonl"[-19:] for n in (1, 2)
    ]
    assert read_heads(tmp_path / "audit", SIGNER).good == (head(1), head(2), head(3))
    assert newest_head(tmp_path / "audit", SIGNER) == head(3)
    assert (tmp_path / "audit").stat().st_mode & 0o077 == 0
    one.close(), other.close()


def test_the_next_process_goes_on_in_the_file_of_one_that_ended(tmp_path: Path) -> None:
    for seq in (1, 2):
        file = HeadFile(tmp_path)
        file.write(head(seq))
        file.close()
    assert len(list(tmp_path.iterdir())) == 1
    assert len(lines(tmp_path)) == 2


def _write_and_die(folder: Path) -> None:
    HeadFile(folder).write(head(os.getpid()))
    os.kill(os.getpid(), 9)


def test_the_file_of_a_killed_process_is_free_again(tmp_path: Path) -> None:
    for _ in range(2):
        process = multiprocessing.get_context("spawn").Process(target=_write_and_die, args=(tmp_path,))
        process.start()
        process.join(60)
        assert process.exitcode == -9
    assert len(list(tmp_path.iterdir())) == 1
    assert len(read_heads(tmp_path, SIGNER).good) == 2


def test_machines_that_share_a_folder_have_files_of_their_own(tmp_path: Path) -> None:
    one, other = HeadFile(tmp_path, "web/1"), HeadFile(tmp_path, "web-2")
    one.write(head(1)), other.write(head(2))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["web-2-1.heads.jsonl", "web_1-1.heads.jsonl"]
    one.close(), other.close()


def test_half_a_line_that_a_killed_process_left_is_no_finding_and_spoils_nothing(tmp_path: Path) -> None:
    file = HeadFile(tmp_path, "m")
    file.write(head(1))
    file.close()
    path = tmp_path / "m-1.heads.jsonl"
    path.write_bytes(path.read_bytes() + head(2).line().encode()[:40])
    assert read_heads(tmp_path, SIGNER) == audit_folder.Heads((head(1),), ())
    file.write(head(3))
    file.close()
    assert read_heads(tmp_path, SIGNER).good == (head(1), head(3))


def test_a_line_that_is_no_head_or_of_another_key_is_named(tmp_path: Path) -> None:
    file = HeadFile(tmp_path, "m")
    file.write(head(1))
    file.write(STRANGER.sign(9, bytes(32), T0))
    file.close()
    path = tmp_path / "m-1.heads.jsonl"
    path.write_bytes(path.read_bytes() + b"\xff nonsense\xe2\x80\xa8\n" + head(2).line().encode() + b"\n")
    heads = read_heads(tmp_path, SIGNER)
    assert heads.good == (head(1), head(2))
    assert heads.bad == ("m-1.heads.jsonl, line 2: signed with another key", "m-1.heads.jsonl, line 3: no head")
    assert newest_head(tmp_path, SIGNER) == head(2)


def test_a_full_disk_is_an_error_and_what_it_took_half_of_spoils_nothing(tmp_path: Path) -> None:
    file = HeadFile(tmp_path, "m")
    file.write(head(1))
    path = tmp_path / "m-1.heads.jsonl"
    with path.open("ab") as partly:
        partly.write(b'{"seq": 2, "ha')  # what write() left when the disk was full
    file.write(head(3))
    file.close()
    assert read_heads(tmp_path, SIGNER) == audit_folder.Heads((head(1), head(3)), ())


def test_a_device_without_room_is_an_error(tmp_path: Path, full_device: Path) -> None:
    (tmp_path / "m-1.heads.jsonl").symlink_to(full_device)
    with closing(HeadFile(tmp_path, "m")) as file, pytest.raises(OSError, match="No space left"):
        file.write(head(1))


def test_a_folder_that_can_not_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"Not a directory|File exists"):
        HeadFile(tmp_path / "file" / "audit").write(head(1))


def test_old_heads_are_thinned_out_to_one_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_folder, "_MOST_LINES", 50)
    monkeypatch.setattr(audit_folder, "_NEWEST_KEPT", 10)
    file = HeadFile(tmp_path, "m")
    for seq in range(1, 200):
        file.write(head(seq, T0 + seq * DAY_US // 20))
        assert newest_head(tmp_path, SIGNER) == head(seq, T0 + seq * DAY_US // 20)
    file.close()
    kept = read_heads(tmp_path, SIGNER)
    assert kept.bad == ()
    assert len(kept.good) < 50
    assert {one.time[:10] for one in kept.good} == {
        head(seq, T0 + seq * DAY_US // 20).time[:10] for seq in range(1, 200)
    }
    assert [path.name for path in tmp_path.iterdir()] == ["m-1.heads.jsonl"]


def test_what_is_no_head_survives_thinning(tmp_path: Path) -> None:
    assert audit_folder.thinned(["nonsense", *[head(1).line()] * 3000])[0] == "nonsense"


def test_heads_that_were_set_aside_vouch_no_more_and_a_running_process_begins_a_new_file(tmp_path: Path) -> None:
    file = HeadFile(tmp_path, "m")
    file.write(head(1))
    aside = set_aside(tmp_path, "aside 1")
    assert read_heads(tmp_path, SIGNER).good == ()
    file.write(head(2))
    file.close()
    assert read_heads(tmp_path, SIGNER).good == (head(2),)
    assert read_heads(aside, SIGNER).good == (head(1),)


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert read_heads(tmp_path / "none", SIGNER) == audit_folder.Heads((), ())
    assert newest_head(tmp_path / "none", SIGNER) is None
