"""Layers, one file each: live values and static features in, our own layer specs out (contract.py)."""
