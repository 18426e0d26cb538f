"""What the pages before the center load: their look, their scripts, the drawing of the city. Open to everybody."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request, Response

from ops_center.domain.rights import OPEN, allows

_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def file_routes(folder: Path, drawing: str) -> APIRouter:
    """Return the routes; the files are read once. The colours lie beside the folder: all pages share them."""
    router = APIRouter(include_in_schema=False)
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in _TYPES}
    files["theme.css"] = (folder.parent / "theme.css").read_bytes()
    files["city.svg"] = drawing.encode()
    tags = {name: f'"{sha256(content).hexdigest()[:16]}"' for name, content in files.items()}

    @router.get("/sign-in/{name}")
    @allows(OPEN)
    def file(name: str, request: Request) -> Response:
        if name not in files:
            raise HTTPException(404, "there is no such file")
        headers = {"ETag": tags[name], "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == tags[name]:
            return Response(status_code=304, headers=headers)
        return Response(files[name], headers=headers, media_type=_TYPES[Path(name).suffix])

    return router
