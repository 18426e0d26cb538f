"""Walls of several displays: how they hang, what hangs on them, and when a scene is due. Pure: values in, values out.

``wall`` is what a display shows of the whole, ``reading`` how large its type has to be, ``configuration`` the file that
says so, ``state`` what hangs there and what a command makes of it.
"""
