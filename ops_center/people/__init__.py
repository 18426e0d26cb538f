"""Who is asking: passwords, one-time codes, tokens, the audit's chain. Knows no database and no web server.

``ops_center/store`` keeps what these need, ``ops_center/services`` puts both together.
"""
