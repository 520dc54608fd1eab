"""The street graph of a commune, kept in the process until a street changes."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gis_app.analysis.street_graph import StreetGraph, Streets, make_graph
from gis_app.queries.communes import Commune
from gis_app.queries.patrol_sources import StreetRows, fetch_roads_version, fetch_street_rows

# Communes kept by a process; 50,000 pieces of street take some 60 MB.
KEPT = 6
_GRAPHS: "OrderedDict[tuple[str, int], tuple[int, Ways]]" = OrderedDict()
_LOCK = threading.Lock()


@dataclass(frozen=True, eq=False)
class Ways:
    """A commune's graph with ids and names of its streets (by the graph's `source`)."""

    graph: StreetGraph
    ids: Sequence[int]
    names: Sequence[str]
    version: int


def open_ways(conn: Connection, commune: Commune) -> Ways:
    """The streets of a commune, from the process's memory where none has changed."""
    where = (str(conn.engine.url), commune.id)
    version = fetch_roads_version(conn, commune.id)
    with _LOCK:
        kept = _GRAPHS.get(where)
        if kept is not None and kept[0] == version:
            _GRAPHS.move_to_end(where)
            return kept[1]
    found = make_ways(fetch_street_rows(conn, commune.id, commune.metric_srid), version)
    with _LOCK:
        _GRAPHS[where] = (version, found)
        while len(_GRAPHS) > KEPT:
            _GRAPHS.popitem(last=False)
    return found


def make_ways(rows: StreetRows, version: int) -> Ways:
    """The graph of rows of streets."""
    streets = Streets(rows.lines, rows.classes, rows.oneway, rows.walkable, rows.noded)
    return Ways(make_graph(streets), rows.ids, rows.names, version)
