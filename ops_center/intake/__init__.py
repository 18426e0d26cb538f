"""The stream workers: from raw bytes to what is stored and live.

The loop all share is ``ops_center.bus.worker``; ``decoding.py`` is intake itself, ``storing.py`` the writer,
``publishing.py`` the live worker, ``releasing.py`` lets out of quarantine what was registered since.
"""
