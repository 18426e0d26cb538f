"""Search over all that has a name: things, roads, districts, addresses, cameras, alarms (``desk.SearchDesk``)."""
