"""What lies around the roads: heights, barriers, water and green, and how far the data reach."""
