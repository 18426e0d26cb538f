"""A year of closed incidents for the demo city, so that cases and response figures have something to show.

Simulated, and said to be: every title begins with 【模拟】, every ``source`` with ``simulated:``. Real places of the
city's pack, the plans that ship, the same pure acts as real ones; times are drawn from the distributions in ``times``.
Called by ``run.py city history``, which only a demo runs.
"""
