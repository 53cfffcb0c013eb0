"""Towns, residential areas and other units that results are counted by."""
