"""What pages and answers say of imports; no views here."""

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from gis_app.jobs.import_doubt import Doubt
from gis_app.tables.imports import OSM
from gis_app.web.i18n import catalogue, language, localised, t, words
from layers import LAYERS
from layers.base import Layer

# As shapely says where a shape crosses itself: "Self-intersection[106.64 20.83]".
_SPOT = re.compile(r"^[A-Za-z -]+\[(?P<lon>[-0-9.]+) (?P<lat>[-0-9.]+)\]$")


def layer_title(name: str) -> str:
    """The layer's title, or that of an extract."""
    return t("wizard.osm") if name == OSM else localised(LAYERS[name].title)


def rule(name: str, params: Mapping[str, Any]) -> str:
    """A rule's sentence: the pages have their own where the command line's speaks of its options."""
    shown = {name: number(value) if isinstance(value, float) else value for name, value in params.items()}
    own = f"wizard.rule_{name}"
    if own in catalogue(language()):
        return t(own, **(shown | {"crs": crs_name(int(params["srid"]))} if "srid" in params else shown))
    return t(f"import.{name}", **shown)


def number(value: float | None) -> str:
    """A number as people write it."""
    return "" if value is None else words().number(Decimal(str(round(value, 3))))


def value_text(layer: Layer, name: str, value: Any) -> str:
    """A value of a field as people read it."""
    f = layer.field(name)
    if value is None:
        return "–"
    if isinstance(value, bool):
        return t("wizard.yes" if value else "wizard.no")
    if isinstance(value, int | float):
        return f"{number(float(value))} {f.unit if f else ''}".strip()
    labels = {choice.code: localised((choice.vi, choice.en)) for choice in f.choices} if f else {}
    return labels.get(value, day_text(value) if f and f.type == "date" else str(value))


def day_text(iso: str) -> str:
    """A day as people write it."""
    return dt.date.fromisoformat(iso).strftime("%d/%m/%Y")


def crs_name(srid: int, *, swapped: bool = False) -> str:
    """A coordinate system as survey people call it."""
    from gis_app.jobs.import_guess import meridian_of  # noqa: PLC0415

    lon = meridian_of(srid)
    if lon is not None:
        minutes = round(lon % 1 * 60)
        name = t("wizard.crs_tm3", meridian=f"{int(lon)}°{minutes:02d}′", srid=srid)
    else:
        own = f"wizard.crs_{srid}"
        name = t(own) if own in catalogue(language()) else f"EPSG:{srid}"
    return t("wizard.swapped", name=name) if swapped else name


def doubt_text(doubt: Doubt) -> str:
    """What the file says of its coordinates, and that it is not what they are read as."""
    text = t(f"wizard.{doubt.code}", name=doubt.name)
    return f"{text} {t('wizard.crs_near', crs=crs_name(doubt.near))}" if doubt.near else text


def fault_value(fault: Mapping[str, Any]) -> str:
    """The value that was refused; of a shape that crosses itself: where."""
    match = _SPOT.match(fault["value"]) if fault["column"] == "geometry" else None
    if match is None:
        return str(fault["value"])
    lat, lon = (words().number(Decimal(str(round(float(match[name]), 6)))) for name in ("lat", "lon"))
    return t("wizard.spot", lat=lat, lon=lon)
