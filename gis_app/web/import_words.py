"""What pages and answers say of imports; no views here."""

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from gis_app.jobs.import_doubt import Doubt
from gis_app.tables.imports import MADE_KEY, OSM
from gis_app.web.context import own_layer
from gis_app.web.i18n import catalogue, language, localised, t, words
from layers import LAYERS
from layers.base import Layer

# So many rows that are wrong alike are named.
_ROWS_NAMED = 10
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


def fault_reason(layer_name: str, fault: Mapping[str, Any]) -> str:
    """Why a value was refused, in the words of its layer: what may stand there by its labels, not by codes."""
    params = dict(fault["params"])
    if fault["rule"] == "not_a_choice" and layer_name in LAYERS:
        codes = set(params["known"].split(", "))
        for f in own_layer(LAYERS[layer_name]).fields:
            if f.choices and {choice.code for choice in f.choices} == codes:
                params["known"] = ", ".join(localised((choice.vi, choice.en)) for choice in f.choices)
                break
    return rule(fault["rule"], params)


def fault_rows(report: Mapping[str, Any], layer_name: str) -> list[dict[str, Any]]:
    """The faults for a table: what is wrong alike in several rows stands there once, with their numbers."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    names = report.get("names") or {}
    for fault in report["faults"]:
        value, reason = fault_value(fault), fault_reason(layer_name, fault)
        row = {"column": fault["column"], "value": value, "reason": reason, "numbers": []}
        found.setdefault((fault["column"], value, reason), row)["numbers"].append(fault["number"])
    for row in found.values():
        numbers, row["count"] = row["numbers"], len(row["numbers"])
        row["name"] = names.get(str(numbers[0]), "") if row["count"] == 1 else ""
        shown = [words().number(one) for one in numbers[:_ROWS_NAMED] if one]
        more = "…" if len(numbers) > _ROWS_NAMED else ""
        row["rows"] = ", ".join(shown) + more if shown else t("import.table_file")
    return list(found.values())


def near_row(one: Mapping[str, Any]) -> str:
    """Which row stands near another: its number, and its name where it has one."""
    row = t("wizard.near_number", number=words().number(one["number"]))
    return row if one["name"].startswith(MADE_KEY) else f"{row}: {one['name']}"


def near_other(layer_name: str, one: Mapping[str, Any]) -> str:
    """What it stands near to."""
    kind = ("table" if one["in_table"] else "file") + ("_unnamed" if one["other"].startswith(MADE_KEY) else "")
    return t(
        f"wizard.near_{kind}",
        layer=layer_title(layer_name),
        other=one["other"],
        metres=number(one["distance_m"]),
    )


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
