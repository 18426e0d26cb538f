"""Pages about things: what one of them measured, what is around it, and the catalog they are all in."""
