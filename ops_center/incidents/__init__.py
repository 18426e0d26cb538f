"""Incidents: from what is reported to a closed case. Pure: values in, values out, ``now_us`` is an argument."""
