"""The latest value of everything: arrays in each process, packed blocks in Redis, rebuilt from the store.

A cache: it may be lost at any time. ``port.py`` is what everybody else may know.
"""
