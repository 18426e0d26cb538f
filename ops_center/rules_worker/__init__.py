"""What alarms are made by: the rules worker, which finds conditions, and the book's, which makes alarms of them.

``judging.py`` is the rules worker, ``reading.py`` how far it has read and may let time pass, ``running.py`` who of
several works.
"""
