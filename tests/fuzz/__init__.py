"""Bad input: valid messages of everything the center reads, mutated, through the code that runs in production.

``make fuzz`` (``python -m tests.fuzz``) does it a million times, the tests ten thousand times. docs/testing.md says how
to read a finding.
"""
