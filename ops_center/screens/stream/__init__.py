"""The data plane: cells of the live picture with versions, encoded once, over one binary WebSocket, ``/live``.

``frames.py`` holds the wire format. The control plane (pages, lists, forms) is Dash and lives beside it.
"""
