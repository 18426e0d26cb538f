"""What every embedded server promises: it starts, keeps, refuses, recovers, and leaves no process behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ops_center.domain.errors import ServerError
from ops_center.embedded.ports import free_port
from tests.embedded.processes_seen import alive, wait_for, working_in
from tests.embedded.subjects import Subject

ROOT = Path(__file__).parents[2]


@contextmanager
def owner_of(subject: Subject, folder: Path) -> Iterator[tuple[subprocess.Popen[str], int, int, str]]:
    """Another process that owns a server; gives it, the keeper's pid, the server's pid and its address."""
    command = [sys.executable, "-m", "tests.embedded.owner", subject.name, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        try:
            ready = next(line for line in owner.stdout if line.startswith("READY")).split()
            yield owner, int(ready[1]), int(ready[2]), ready[3]
        finally:
            owner.kill()


def nothing_works_in(folder: Path) -> None:
    wait_for(lambda: not working_in(folder), 20, f"every process of {folder} ends")


def test_it_serves_on_a_port_of_the_systems_choosing_and_leaves_nothing_running(subject: Subject, folder: Path) -> None:
    with subject.make(folder / "server") as server:
        assert server.port
        subject.store(server.url, "value")
        assert subject.load(server.url) == "value"
        assert working_in(folder)
    assert not working_in(folder)


def test_a_second_start_finds_what_was_stored(subject: Subject, folder: Path) -> None:
    with subject.make(folder / "server") as server:
        subject.store(server.url, "yesterday")
    with subject.make(folder / "server") as server:
        assert subject.load(server.url) == "yesterday"


def test_what_was_promised_survives_a_kill_and_a_restart_on_the_same_port(subject: Subject, folder: Path) -> None:
    with subject.make(folder / "server", free_port()) as server:
        subject.store(server.url, "promised")
        address = server.url
        server.kill()
        assert not server.is_running()
        server.start()
        assert server.url == address
        assert subject.load(server.url) == "promised"


def test_killing_its_owner_ends_it_and_a_start_right_afterwards_waits_and_recovers(
    subject: Subject, folder: Path
) -> None:
    with owner_of(subject, folder / "server") as (owner, _keeper, pid, url):
        subject.store(url, "kept")
        assert alive(pid)
        owner.kill()
        owner.wait(10)
        with subject.make(folder / "server") as server:
            assert not alive(pid)
            assert subject.load(server.url) == "kept"
    nothing_works_in(folder)


def test_killing_its_keeper_ends_it_too(subject: Subject, folder: Path) -> None:
    with owner_of(subject, folder / "server") as (_owner, keeper, pid, _url):
        os.kill(keeper, signal.SIGKILL)
        wait_for(lambda: not alive(pid), 20, "the server dies with its keeper")


def test_terminating_its_owner_stops_it(subject: Subject, folder: Path) -> None:
    with owner_of(subject, folder / "server") as (owner, _keeper, _pid, _url):
        owner.terminate()
        owner.wait(10)
        nothing_works_in(folder)


def test_a_second_server_on_the_same_folder_is_refused_with_the_reason(subject: Subject, folder: Path) -> None:
    with subject.make(folder / "server") as server:
        with pytest.raises(ServerError, match=f"already runs on {folder}/server") as refusal:
            subject.make(folder / "server").start()
        assert str(server.keeper_pid) in str(refusal.value)
        subject.store(server.url, "the first is unharmed")


def test_its_address_can_be_asked_for_while_it_runs_and_not_afterwards(subject: Subject, folder: Path) -> None:
    with subject.make(folder / "server") as server:
        assert subject.make(folder / "server").url_while_running == server.url
    with pytest.raises(ServerError, match=f"no {server.kind} runs on {folder}/server"):
        _ = subject.make(folder / "server").url_while_running


def test_a_taken_port_is_refused_with_the_reason(subject: Subject, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServerError, match=f"127.0.0.1:{port}.*in use"):
            subject.make(folder / "server", port).start()
    assert not working_in(folder)


def test_a_folder_that_is_a_file_is_refused_with_the_reason(subject: Subject, folder: Path) -> None:
    (folder / "server").write_text("not a folder")
    with pytest.raises(ServerError, match=f"{subject.make(folder).kind} can't use {folder}/server"):
        subject.make(folder / "server").start()


def test_only_loopback_reaches_it(subject: Subject, folder: Path) -> None:
    # 127.0.0.2 is this machine too, but only a server that listens on every address answers there.
    with subject.make(folder / "server") as server, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", server.port), 2)
