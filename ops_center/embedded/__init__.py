"""Servers for one machine: PostgreSQL with TimescaleDB, Valkey, Apache Kafka.

What `run.py` starts when no address of a real server is configured, and what the tests run against. Every
server listens on loopback only, keeps what it knows under one directory, dies with the process that started it,
and finds its data again at the next start. Nothing here knows what is stored in them.
"""
