"""Where facilities go: covering, median and centre problems with bounds."""
