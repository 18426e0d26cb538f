"""A real-time city operations center.

The way of the data: feeds → bus → intake → store and live → layers → screens (docs/architecture.md).
Who may import whom is enforced by import-linter (pyproject.toml).
"""
