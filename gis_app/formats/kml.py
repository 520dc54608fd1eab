"""KML 2.2 and KMZ, parsed by defusedxml: no entity, no document type, no network link."""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element, ParseError  # nosec B405
from xml.sax.saxutils import escape, quoteattr  # nosec B406

import defusedxml.ElementTree
import geopandas as gpd
import shapely
from defusedxml.common import DefusedXmlException

from gis_app.crs import STORED
from gis_app.formats.base import (
    DEFAULT_LIMITS,
    DEFAULT_OPTIONS,
    FormatError,
    Limits,
    Options,
    Problem,
    check_size,
    frame,
    plain,
)
from gis_app.formats.zipped import extract_entry, is_junk, open_zip

SUFFIXES = (".kml", ".kmz")
MEDIA_TYPE = "application/vnd.google-earth.kml+xml"
NAMESPACE = "http://www.opengis.net/kml/2.2"

_ZIP_MAGIC = b"PK\x03\x04"
_BAD_SHAPE = (ValueError, TypeError, IndexError, RecursionError, shapely.errors.ShapelyError)


def read(path: Path, options: Options = DEFAULT_OPTIONS, limits: Limits = DEFAULT_LIMITS) -> gpd.GeoDataFrame:
    """Read every Placemark; KML is EPSG:4326 by definition.

    Raises
    ------
    FormatError
        `xml_broken`, `xml_forbidden`, `not_kml`, `kml_network_link`, those of `open_zip`, `too_many_rows`.
    """
    with path.open("rb") as stream:
        is_zip = stream.read(4) == _ZIP_MAGIC
    if not is_zip:
        return _read_xml(path, options, limits)
    with tempfile.TemporaryDirectory() as folder, open_zip(path, limits) as archive:
        entries = [e for e in archive.infolist() if e.filename.lower().endswith(".kml") and not is_junk(e)]
        if not entries:
            raise FormatError("not_kml")
        target = Path(folder) / "doc.kml"
        extract_entry(archive, entries[0], target, limits)
        return _read_xml(target, options, limits)


def parse_xml(path: Path) -> Element | None:
    """The root of an XML file, by defusedxml; `xml_broken` or `xml_forbidden` where it must not be read."""
    try:
        root: Element | None = defusedxml.ElementTree.parse(path, forbid_dtd=True).getroot()
    except DefusedXmlException as error:
        raise FormatError("xml_forbidden") from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        line, column = getattr(error, "position", (0, 0))
        raise FormatError("xml_broken", line=line, column=column) from error
    return root


def _read_xml(path: Path, options: Options, limits: Limits) -> gpd.GeoDataFrame:
    root = parse_xml(path)
    if root is None or local_name(root) != "kml":
        raise FormatError("not_kml")
    if next(find_all(root, "NetworkLink"), None) is not None:
        raise FormatError("kml_network_link")
    placemarks = list(find_all(root, "Placemark"))
    rows = [_properties(placemark) for placemark in placemarks]
    names: dict[str, None] = {}
    for row in rows:
        names.update(dict.fromkeys(row))
    check_size(len(rows), len(names), limits)
    problems: list[Problem] = []
    shapes = [_shape_of(number, placemark, problems) for number, placemark in enumerate(placemarks, start=1)]
    columns = {name: [row.get(name) for row in rows] for name in names}
    return frame(columns, shapes, options.crs or STORED, problems=problems)


def local_name(element: Element) -> str:
    """The tag without its namespace: files in the wild use three of them, or none."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def find_all(element: Element, name: str) -> Iterator[Element]:
    """Elements of a name, wherever they stand."""
    return (child for child in element.iter() if local_name(child) == name)


def _child(element: Element, name: str) -> Element | None:
    return next((child for child in element if local_name(child) == name), None)


def _properties(placemark: Element) -> dict[str, Any]:
    row: dict[str, Any] = {}
    if placemark.get("id"):
        row["id"] = placemark.get("id")
    for name in ("name", "description"):
        child = _child(placemark, name)
        if child is not None and (child.text or "").strip():
            row[name] = (child.text or "").strip()
    for data in find_all(placemark, "Data"):
        value = _child(data, "value")
        row[data.get("name") or ""] = None if value is None else value.text
    for data in find_all(placemark, "SimpleData"):
        row[data.get("name") or ""] = data.text
    row.pop("", None)
    return row


def _shape_of(number: int, placemark: Element, problems: list[Problem]) -> Any:
    for child in placemark:
        if local_name(child) in _READERS:
            try:
                return _READERS[local_name(child)](child)
            except _BAD_SHAPE:
                text = " ".join("".join(child.itertext()).split())
                problems.append(Problem(number, "geometry", text[:80], "geometry_malformed"))
    return None


def _coordinates(element: Element) -> list[tuple[float, ...]]:
    found = _child(element, "coordinates")
    text = "" if found is None else found.text or ""
    return [tuple(float(part) for part in place.split(",")) for place in text.split()]


def _point(element: Element) -> Any:
    return shapely.Point(_coordinates(element)[0])


def _line(element: Element) -> Any:
    return shapely.LineString(_coordinates(element))


def _polygon(element: Element) -> Any:
    outer = _child(element, "outerBoundaryIs")
    rings = [] if outer is None else [_coordinates(ring) for ring in outer]
    holes = [_coordinates(ring) for inner in element if local_name(inner) == "innerBoundaryIs" for ring in inner]
    return shapely.Polygon(rings[0], holes)


def _multi(element: Element) -> Any:
    """Parts of one kind become one multi geometry; a mixture stays a collection (and is refused later)."""
    parts = [_READERS[local_name(child)](child) for child in element if local_name(child) in _READERS]
    kinds = {part.geom_type for part in parts}
    maker: dict[str, Any] = {
        "Point": shapely.MultiPoint,
        "LineString": shapely.MultiLineString,
        "Polygon": shapely.MultiPolygon,
    }
    if len(kinds) == 1 and (kind := kinds.pop()) in maker:
        return maker[kind](parts)
    return shapely.GeometryCollection(parts)


_READERS = {"Point": _point, "LineString": _line, "LinearRing": _line, "Polygon": _polygon, "MultiGeometry": _multi}


def write(
    gdf: gpd.GeoDataFrame, stream: BinaryIO, *, label: str = "", by: str = "", colors: Mapping[str, str] | None = None
) -> None:
    """Write a Placemark per row, all columns as ExtendedData, EPSG:4326.

    `label` names the column of the placemarks' names; `by` that of the code which `colors` (#rrggbb) paints.
    """
    frame4326 = gdf if gdf.crs is None else gdf.to_crs(STORED)
    names = [str(name) for name in frame4326.columns if name != frame4326.geometry.name]
    # As text: a tree of elements took five times as long and all of the memory.
    heads = [f"<Data name={quoteattr(name)}><value>" for name in names]
    out = [f'<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="{NAMESPACE}"><Document>']
    out += [_style_of(code, color) for code, color in (colors or {}).items()]
    columns = [[plain(value) for value in frame4326[name]] for name in names]
    for shape, *values in zip(frame4326.geometry.to_numpy(), *columns, strict=True):
        row = dict(zip(names, values, strict=True))
        out.append("<Placemark>")
        if row.get(label) is not None:
            out.append(f"<name>{_text(row[label])}</name>")
        if row.get(by) in (colors or {}):
            out.append(f"<styleUrl>#{_text(row[by])}</styleUrl>")
        data = [
            f"{head}{_text(value)}</value></Data>"
            for head, value in zip(heads, values, strict=True)
            if value is not None
        ]
        out.append(
            f"<ExtendedData>{''.join(data)}</ExtendedData>{'' if shape is None else _drawn(shape)}</Placemark>\n"
        )
    stream.write("".join([*out, "</Document></kml>\n"]).encode())


def _text(value: Any) -> str:
    """A value as the text of an element; a reader would take a bare carriage return for a line's end."""
    return escape(str(value), {"\r": "&#13;"})


def _style_of(code: str, color: str) -> str:
    """A style in our colour; KML writes it alpha, blue, green, red."""
    red, green, blue = color[1:3], color[3:5], color[5:7]
    kinds = "".join(
        f"<{tag}><color>{alpha}{blue}{green}{red}</color></{tag}>"
        for tag, alpha in (("IconStyle", "ff"), ("LineStyle", "ff"), ("PolyStyle", "cc"))
    )
    return f"<Style id={quoteattr(code)}>{kinds}</Style>\n"


def _drawn(shape: Any) -> str:
    if hasattr(shape, "geoms"):
        return f"<MultiGeometry>{''.join(map(_drawn, shape.geoms))}</MultiGeometry>"
    kind = shape.geom_type
    if kind != "Polygon":
        return f"<{kind}>{_written(shape)}</{kind}>"
    rings = [("outerBoundaryIs", shape.exterior), *(("innerBoundaryIs", ring) for ring in shape.interiors)]
    drawn = [f"<{tag}><LinearRing>{_written(ring)}</LinearRing></{tag}>" for tag, ring in rings]
    return f"<Polygon>{''.join(drawn)}</Polygon>"


def _written(shape: Any) -> str:
    places = " ".join(f"{x:.8f},{y:.8f}" for x, y, *_ in shapely.get_coordinates(shape).tolist())
    return f"<coordinates>{places}</coordinates>"
