"""Rules about the network: needs that are not met, policies, groups, routes and zones."""
