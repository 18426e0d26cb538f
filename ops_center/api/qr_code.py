"""A QR code as inline SVG, dark on light as scanners want it."""

from __future__ import annotations

from io import BytesIO

import segno

from ops_center.api.markup import Html

_QUIET_ZONE = 2


def qr_code(text: str) -> Html:
    """Return the code of ``text``; it has no size of its own, the style sheet gives it one."""
    drawn = BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn, kind="svg", xmldecl=False, svgns=False, border=_QUIET_ZONE, omitsize=True, light="#fff"
    )
    return Html(drawn.getvalue().decode())
