"""Words, time, place, units, errors: what every room may know and that knows none of them."""
