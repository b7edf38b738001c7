"""Parameters of a fit: names, bounds, priors, coordinates, and the points where searches start."""
