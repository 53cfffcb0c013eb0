"""One service assessed on a ground: who is reached, in how long, and what to doubt."""
