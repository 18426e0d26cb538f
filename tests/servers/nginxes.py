"""A real nginx with the configuration that the project ships, its variables filled in, on ports of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Self

import pytest

from ops_center.certificates import CertificateFiles
from ops_center.embedded.ports import answers, free_port
from tests.servers.absence import missing
from tests.servers.webs import until

SHIPPED = Path(__file__).parents[2] / "deploy" / "nginx.conf"
_MAIN = """
daemon off;
$user
pid "$folder/nginx.pid";
error_log stderr warn;
events {}
http {
    access_log "$folder/access.log";
    client_body_temp_path "$folder/body";
    proxy_temp_path "$folder/proxy";
    fastcgi_temp_path "$folder/fastcgi";
    uwsgi_temp_path "$folder/uwsgi";
    scgi_temp_path "$folder/scgi";
    include "$folder/ops-center.conf";
}
"""


class Nginx:
    """One nginx in front of one upstream; ends with the test."""

    def __init__(self, folder: Path, program: str) -> None:
        self.folder = folder
        self.port, self.plain_port = free_port(), free_port()
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None

    def in_front_of(self, upstream: str, files: CertificateFiles, name: str) -> Self:
        """Start it before ``upstream`` (``host:port``) under ``name``."""
        values = {
            "OPS_NAME": name,
            "OPS_UPSTREAM": upstream,
            "OPS_CERTIFICATE": files.certificate,
            "OPS_CERTIFICATE_KEY": files.key,
            "OPS_HTTPS_PORT": self.port,
            "OPS_HTTP_PORT": self.plain_port,
        }
        # Only our own variables are filled in, as envsubst does when it is given their names; nginx keeps its own.
        text = SHIPPED.read_text()
        for variable, value in values.items():
            text = text.replace(f"${{{variable}}}", str(value))
        (self.folder / "ops-center.conf").write_text(text)
        user = "user root;" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(Template(_MAIN).substitute(folder=self.folder, user=user))
        self._start()
        return self

    def _start(self) -> None:
        log = (self.folder / "nginx.log").open("wb")
        command = [self._program, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", "stderr"]
        self._process = subprocess.Popen(command, stdout=log, stderr=log)
        log.close()
        until(lambda: answers(self.port) or self._process.poll() is not None)  # type: ignore[union-attr]
        assert self._process.poll() is None, (self.folder / "nginx.log").read_text()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)


def nginx_program() -> str | None:
    """The nginx on the path; Debian keeps it where only root's path leads."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    program = nginx_program()
    if program is None:
        missing("nginx", "no nginx on the path (Debian: apt-get install nginx-light)")
    made = Nginx(tmp_path_factory.mktemp("nginx"), program)
    yield made
    made.stop()
