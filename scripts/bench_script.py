"""The whole job in ten lines of Python: bench_script.py ROADS FACILITIES MAP.html."""

import sys

import quarterhour as qh

roads = qh.read_roads(sys.argv[1])
care = qh.read_facilities(sys.argv[2])
today = qh.assess(roads, None, care, cutoffs_min=(5, 10, 15), walker="adult", name="care")
qh.write_map(sys.argv[3], today, title="care", language="en")
print(today.share_covered, today.covered, "of", today.total)
