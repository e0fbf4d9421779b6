"""Dynamic heterogeneity, predicted down to temperatures that cannot be simulated."""
