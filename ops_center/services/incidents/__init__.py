"""Incident command: what people do to incidents, who is sent, what it is done with."""
