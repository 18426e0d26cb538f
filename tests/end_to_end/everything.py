"""A center as a new user has it: one command, in a folder of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import psutil

from ops_center.embedded.ports import free_port
from tests.stages import Stage


class Everything:
    """A center that was started with one command, in a folder of its own."""

    def __init__(self, folder: Path, **more: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.log = folder / "run.log"
        environment = {
            "OPS_STATE_DIR": str(folder / "var"),
            "OPS_WEB_PORT": str(self.port),
            "OPS_CITY_THINGS": "600",
            "OPS_LOG_FORMAT": "json",
            **more,
        }
        self.http = httpx.Client(
            base_url=f"http://localhost:{self.port}", headers={"origin": f"http://localhost:{self.port}"}, timeout=10
        )
        self.stage = Stage([], {**environment, "OPS_SUPERVISED": ""}, self.log)

    def health(self) -> dict[str, Any]:
        """Return what /api/health says to the demo's coordinator; {} while nobody answers."""
        try:
            if not self.http.cookies:
                self.enter("demo-coordinator")
            answer = self.http.get("/api/health")
        except httpx.HTTPError:
            return {}
        found: dict[str, Any] = answer.json() if answer.status_code in {200, 503} else {}
        return found

    def enter(self, account: str) -> httpx.Response:
        """Click on a ready account of the sign-in page."""
        return self.http.post("/sign-in/demo", data={"account": account})

    def accepted(self, feed: str) -> int:
        return int((self.health().get("feeds", {}).get(feed, {}).get("accepted")) or 0)

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.stage.pid).children(recursive=True)
