"""Devices of a plan as rows of a file, with coordinates in VN-2000 and in WGS 84, and back."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.engine import Connection

from gis_app.analysis.siting_figures import Placed
from gis_app.analysis.siting_settings import Settings
from gis_app.queries import siting as q
from gis_app.queries.communes import Commune
from gis_app.queries.siting import Device, Plan

# x is east, y north, in the zone that `srid` names (EPSG); survey files call them the other way round.
NAMES = ("external_id", "device", "azimuth_deg", "fov_deg", "pixel_width", "has_infrared", "radius_m", "model",
         "cost_vnd", "year", "fund", "state", "is_locked", "srid", "x_vn2000", "y_vn2000", "lon", "lat")  # fmt: skip


def device_rows(conn: Connection, commune: Commune, plan: Plan, settings: Settings) -> list[dict[str, Any]]:
    """The devices of a plan that are not refused, by NAMES; metres to a tenth of a millimetre, degrees as fine."""
    places = q.fetch_metric_places(conn, plan.id, commune.metric_srid)
    devices = [device for device in q.fetch_devices(conn, plan.id) if not device.is_forbidden]
    return [_row(plan, device, settings, places[device.id], commune.metric_srid) for device in devices]


def _row(plan: Plan, device: Device, settings: Settings, place: tuple[float, float], srid: int) -> dict[str, Any]:
    camera, lamp = settings.camera(device.model), settings.lamp(device.model)
    return {
        "external_id": f"DX-{plan.id}-{device.id}",
        "device": device.kind,
        "azimuth_deg": device.azimuth_deg,
        "fov_deg": None if camera is None else camera.fov_deg,
        "pixel_width": None if camera is None else camera.pixel_width,
        "has_infrared": None if camera is None else camera.has_infrared,
        "radius_m": None if lamp is None else lamp.radius_m,
        "model": device.model,
        "cost_vnd": device.cost_vnd,
        "year": device.year,
        "fund": device.fund,
        "state": "proposed",
        "is_locked": device.is_locked,
        "srid": srid,
        "x_vn2000": round(place[0], 4),
        "y_vn2000": round(place[1], 4),
        "lon": round(device.lon, 9),
        "lat": round(device.lat, 9),
    }


def placed_from(row: Mapping[str, Any]) -> Placed:
    """A row as a device at its place in metres: what an exported file says again."""
    azimuth = row["azimuth_deg"]
    is_camera = row["device"] == "camera"
    return Placed(
        str(row["device"]),
        float(row["x_vn2000"]),
        float(row["y_vn2000"]),
        float(azimuth) if is_camera else None,
        str(row["model"]),
    )


def geopackage_of(rows: Sequence[Mapping[str, Any]], srid: int) -> bytes:
    """The rows as a GeoPackage in the commune's VN-2000 zone."""
    # Here, not above: they are half of the server's start.
    import geopandas as gpd  # noqa: PLC0415

    from gis_app.formats import geopackage  # noqa: PLC0415

    columns = {name: [row[name] for row in rows] for name in NAMES}
    x, y = ([row[name] for row in rows] for name in ("x_vn2000", "y_vn2000"))
    frame = gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(x, y), crs=srid)
    out = io.BytesIO()
    geopackage.write(frame, out)
    return out.getvalue()
