"""OpenStreetMap extracts (.osm.pbf) through pyosmium: streets, buildings, water, land, places, lamps, cameras.

Streets are cut where they share a node, so pieces meet at junctions and OSM's node numbers make the routing
graph. Data © OpenStreetMap contributors, ODbL.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import osmium
import shapely

from gis_app.crs import STORED
from gis_app.formats import osm_tags
from gis_app.formats.base import OSM_LIMITS, FormatError, Limits, check_size, frame

SUFFIXES = (".osm.pbf", ".pbf", ".osm")

# Every layer that an extract may fill, in the order in which they are stored.
LAYERS_FILLED = tuple(sorted({*osm_tags.POINT_LAYERS, *osm_tags.AREA_LAYERS, "roads", "waterways"}))

_FACTORY = osmium.geom.WKBFactory()
# Location of a node that the extract does not hold: the way leaves the extract.
_Node = tuple[int, float, float]
# The first blob header of a .osm.pbf: length, then field 1 "OSMHeader".
_PBF_MARK = b"OSMHeader"


def read_layers(path: Path, limits: Limits = OSM_LIMITS) -> dict[str, gpd.GeoDataFrame]:
    """Read an extract into frames named and shaped as our layers, EPSG:4326.

    Every row has `external_id` from the OSM number: `n…`, `w…`, `r…`; a piece of street
    `w<way>-<start node>-<end node>`. `attrs["skipped"]` counts what could not be built; `attrs["box"]` is the
    extract's own: west, south, east, north.

    Raises
    ------
    FormatError
        `not_osm`, `too_many_rows`.
    """
    with path.open("rb") as stream:
        head = stream.read(64)
    if _PBF_MARK not in head and b"<osm" not in head and b"<?xml" not in head:
        raise FormatError("not_osm")
    collector = _Collector(limits)
    try:
        for item in osmium.FileProcessor(str(path)).with_locations("sparse_mem_array").with_areas():
            collector.add(item)
    except RuntimeError as error:
        raise FormatError("not_osm") from error
    tables = collector.frames()
    for table in tables.values():
        table.attrs["box"] = _box(path)
    return tables


def _box(path: Path) -> tuple[float, float, float, float] | None:
    """The box that the extract says it is cut for; whatever lies in it and is not here is not in OpenStreetMap."""
    box = osmium.io.Reader(str(path), osmium.osm.osm_entity_bits.NOTHING).header().box()
    if not box.valid():
        return None
    return box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat


class _Collector:
    """Rows by layer, gathered in one pass; streets are cut at the end, when all junctions are known."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._shapes: dict[str, list[Any]] = {}
        self._skipped: Counter[str] = Counter()
        self._uses: Counter[int] = Counter()
        self._ways: list[tuple[int, osm_tags.Row, list[list[_Node]]]] = []

    def add(self, item: Any) -> None:
        """Take a node, way or area; relations come as areas."""
        if not item.tags:
            return
        tags = {tag.k: tag.v for tag in item.tags}
        if item.is_node():
            self._add_node(item, tags)
        elif item.is_way():
            self._add_way(item, tags)
        elif item.is_area():
            self._add_area(item, tags)

    def _put(self, layer: str, external_id: str, row: osm_tags.Row, shape: Any) -> None:
        rows = self._rows.setdefault(layer, [])
        rows.append({"external_id": external_id, **row})
        self._shapes.setdefault(layer, []).append(shape)
        check_size(len(rows), 0, self._limits)

    def _add_node(self, node: Any, tags: osm_tags.Tags) -> None:
        for layer, row_of in osm_tags.POINT_LAYERS.items():
            row = row_of(tags)
            if row is not None:
                self._put(layer, f"n{node.id}", row, shapely.Point(node.location.lon, node.location.lat))

    def _add_way(self, way: Any, tags: osm_tags.Tags) -> None:
        road = osm_tags.road(tags)
        if road is not None:
            runs = list(_runs(way.nodes))
            self._uses.update(node_id for run in runs for node_id, _, _ in run)
            self._uses.update(end for run in runs for end in (run[0][0], run[-1][0]))
            self._ways.append((way.id, road, runs))
        water = osm_tags.waterway(tags)
        if water is not None:
            for position, run in enumerate(_runs(way.nodes)):
                suffix = f"-{position}" if position else ""
                self._put_line("waterways", f"w{way.id}{suffix}", water, run)

    def _put_line(self, layer: str, external_id: str, row: osm_tags.Row, run: Sequence[_Node]) -> None:
        places = [(lon, lat) for _, lon, lat in run]
        if len(set(places)) < 2:
            self._skipped[layer] += 1
            return
        self._put(layer, external_id, row, shapely.LineString(places))

    def _add_area(self, area: Any, tags: osm_tags.Tags) -> None:
        found = [(name, row) for name, row_of in osm_tags.AREA_LAYERS.items() if (row := row_of(tags)) is not None]
        points = [
            (name, row) for name in osm_tags.AREA_POINT_LAYERS if (row := osm_tags.POINT_LAYERS[name](tags)) is not None
        ]
        if not found and not points:
            return
        external_id = f"{'w' if area.from_way() else 'r'}{area.orig_id()}"
        try:
            shape = shapely.from_wkb(_FACTORY.create_multipolygon(area))
        except (RuntimeError, ValueError, shapely.errors.ShapelyError):
            self._skipped.update(name for name, _ in (*found, *points))
            return
        for name, row in found:
            self._put(name, external_id, row, shape)
        for name, row in points:
            self._put(name, external_id, row, shape.representative_point())

    def _cut_roads(self) -> None:
        taken: Counter[str] = Counter()
        for way_id, road, runs in self._ways:
            for run in runs:
                for piece in _pieces(run, self._uses):
                    source, target = piece[0][0], piece[-1][0]
                    external_id = f"w{way_id}-{source}-{target}"
                    taken[external_id] += 1
                    if taken[external_id] > 1:
                        # Two loops of one way at one node.
                        external_id += f"-{taken[external_id]}"
                    self._put_line("roads", external_id, {**road, "source_node": source, "target_node": target}, piece)
        self._ways.clear()

    def frames(self) -> dict[str, gpd.GeoDataFrame]:
        """Return what was gathered, one frame per layer that has rows."""
        self._cut_roads()
        tables = {}
        for layer, rows in self._rows.items():
            columns = {name: [row.get(name) for row in rows] for name in rows[0]}
            tables[layer] = frame(columns, self._shapes[layer], STORED)
            tables[layer].attrs["skipped"] = {layer: self._skipped[layer]}
        return tables


def _runs(nodes: Any) -> Iterator[list[_Node]]:
    """Yield the stretches of a way that lie in the extract; a node without a place ends a stretch."""
    run: list[_Node] = []
    for node in nodes:
        if node.location.valid():
            if not run or run[-1][0] != node.ref:
                run.append((node.ref, node.location.lon, node.location.lat))
            continue
        if len(run) > 1:
            yield run
        run = []
    if len(run) > 1:
        yield run


def _pieces(run: Sequence[_Node], uses: Counter[int]) -> Iterator[Sequence[_Node]]:
    """Cut a stretch at every node that another stretch, or this one again, uses."""
    start = 0
    for position in range(1, len(run)):
        if position == len(run) - 1 or uses[run[position][0]] > 1:
            yield run[start : position + 1]
            start = position
