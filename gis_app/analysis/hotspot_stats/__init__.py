"""Statistics of reports about places: density, clusters, hot cells, near repeats, hours, trend. Pure.

`events.py` says which reports count (none that a patrol found) and below how many nothing is said; every other file
takes `Events` that went through it.
"""
