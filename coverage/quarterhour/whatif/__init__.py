"""The model behind the question "what if": a study's network and people, for the page to compute.

`build` puts it together, `slopes` turns lengths on the flat back into slopes, `answers` asks
questions of it and answers them here, so that the page can test itself.
"""
