"""Scenes: saved arrangements of panels on a grid over a whole wall. Pure: no I/O, and ``now`` is an argument."""
