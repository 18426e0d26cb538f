"""The stream workers: from raw bytes to what is stored and live.

``worker.py`` is the loop all share; ``decoding.py`` is intake itself, ``storing.py`` the writer, ``publishing.py``
the live worker, ``releasing.py`` lets out of quarantine what was registered since.
"""
