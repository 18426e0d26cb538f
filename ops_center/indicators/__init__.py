"""City vital signs: a tree of indicators, what they are made of, their levels, forecasts and what they amount to.

Pure: values in, values out. ``services.vitals`` brings what they are made of; ``tree.toml`` is the tree that ships.
"""
