"""The synthetic river city, made in local metres around its centre. Called by ``ops_center.city.make`` alone."""
