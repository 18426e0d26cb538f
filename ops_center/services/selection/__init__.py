"""What lies within an area of the map: tables, figures and copies of it (``desk.SelectionDesk``)."""
