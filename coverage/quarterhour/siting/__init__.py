"""Where the next facilities go: from a study to chosen sites, with proof, and their files."""
