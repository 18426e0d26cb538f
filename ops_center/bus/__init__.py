"""The log: ordered, partitioned, replayable. Kafka for a city, Redis Streams for a single machine.

``port.py`` is what everybody else may know; only ``ops_center.bootstrap`` names an adapter.
"""
