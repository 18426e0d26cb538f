"""Fixtures that start real servers and a real browser; loaded by tests/conftest.py."""
