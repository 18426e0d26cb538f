"""Open interfaces over HTTP: health, things, series, quarantine; and the guard before every address of the server.

``app.py`` builds the routes, ``system.py`` says what they need, ``guard.py`` stands in front of everything.
"""
