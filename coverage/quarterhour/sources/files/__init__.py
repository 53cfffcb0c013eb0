"""Files through one door each: layers, sheets, rasters, OpenStreetMap; errors name the file."""
