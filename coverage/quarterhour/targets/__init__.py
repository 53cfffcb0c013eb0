"""City plans as data: their indicators, the rules that compute them, and what came of it."""
