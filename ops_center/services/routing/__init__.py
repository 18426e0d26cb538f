"""Ways over the road graph as the traffic is now: times, routes, isochrones, diversions (``router.Router``)."""
