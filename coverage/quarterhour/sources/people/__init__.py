"""People from rasters, points, polygons, buildings and totals, by group."""
