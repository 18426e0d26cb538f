"""TimescaleDB (community or Apache edition), or plain PostgreSQL: the truth.

``port.py`` is what everybody else may know. psycopg is imported in this package alone; what differs between
the editions is confined to the migrations and to ``capabilities.py``.
"""
