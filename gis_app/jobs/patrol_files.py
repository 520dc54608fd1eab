"""What a team takes along: the sheet on paper, and GPX for any device. Places and codes; no count of persons."""

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import shapely
from sqlalchemy.engine import Connection

from gis_app.analysis.patrol_clock import clock_text
from gis_app.formats.gpx import GpxRoute, GpxStop, write_routes
from gis_app.jobs.patrol_hours import hours_text, moment_of
from gis_app.jobs.patrol_streets import open_ways
from gis_app.jobs.patrol_words import at_clock, kilometres, minutes, reason_text, title_of
from gis_app.jobs.report_sources import COMMUNE_KINDS
from gis_app.queries import patrol as q
from gis_app.queries.communes import Commune
from gis_app.queries.patrol_sources import fetch_outline
from gis_app.queries.siting_sources import to_metres
from gis_app.words import VIETNAMESE as VI

if TYPE_CHECKING:
    from gis_app.formats.patrol_sheet import SheetTeam

MARGIN_M, LEAST_M = 120.0, 600.0
SOURCE = "Nguồn: dữ liệu địa bàn trên hệ thống Bản đồ Bình Yên; nền đường OpenStreetMap (ODbL)."
COLUMNS = ("TT", "Mã điểm", "Giờ dự kiến", "Điểm dừng và lý do chọn", "Giờ đến", "Ghi chú địa điểm")
NOTES = (
    "Ưu tiên = được chọn trước, không phải đi trước. Dừng mỗi điểm 10–15 phút, quan sát, ghi giờ đến và tình trạng địa "
    "điểm (đèn tắt, đoạn tối, tụ tập). Mã điểm dùng để nhập lại vào hệ thống khi về.",
    "Phiếu chỉ ghi về địa điểm. Không ghi họ tên, số điện thoại, biển số xe hoặc bất kỳ thông tin cá nhân nào.",
)


def chosen_routes(conn: Connection, plan: q.Plan) -> list[q.RouteRow]:
    """The routes of the alternative that is walked."""
    return [route for route in q.fetch_routes(conn, plan.id) if route.alternative == plan.chosen]


def _short(stop: q.StopRow) -> str:
    reasons = sorted(stop.reasons, key=lambda reason: -reason["points"])[:2]
    return "; ".join(reason_text(VI, reason) for reason in reasons)


def team_title(plan: q.Plan, route: q.RouteRow) -> str:
    """A team with its mode, kind of force, stops, length and time."""
    team = plan.settings["teams"][route.team - 1]
    return VI.say(
        "patrol.team_line", name=team["name"], mode=VI.say(f"patrol.mode.{team['mode']}").lower(),
        force=VI.say(f"patrol.force.{team['force']}").lower(), stops=len(route.stops),
        km=kilometres(VI, route.length_m), minutes=minutes(route.duration_s),
    )  # fmt: skip


def print_gpx(conn: Connection, commune: Commune, plan: q.Plan) -> bytes:
    """The chosen routes as GPX; arrival times are the planned ones."""
    begin = moment_of(plan, plan.start_min)
    stops = sorted(
        (stop for stop in q.fetch_stops(conn, plan.id) if stop.team is not None),
        key=lambda stop: (stop.team or 0, stop.position or 0),
    )
    points = [
        GpxStop(
            stop.lon, stop.lat, f"{stop.team}-{stop.position:02d} {stop.code}",
            f"{title_of(VI, stop.kind, stop.title)}. {_short(stop)}",
            (begin + dt.timedelta(seconds=stop.arrive_s or 0)).astimezone(dt.UTC),
        )
        for stop in stops
    ]  # fmt: skip
    routes = [GpxRoute(plan.settings["teams"][r.team - 1]["name"], r.line) for r in chosen_routes(conn, plan)]
    title = f"Ca tuần tra {plan.id} · {commune.name} · {plan.shift_on:%d/%m/%Y} {clock_text(plan.start_min)}"
    return write_routes(
        title, (plan.issued_at or plan.updated_at).astimezone(dt.UTC).replace(microsecond=0), routes, points
    )


def print_sheet(conn: Connection, commune: Commune, plan: q.Plan, address: str) -> bytes:
    """The sheet as PDF; `address` is where the QR leads."""
    # Here, not above: fonts and PDF libraries are a second of start that the web does not need.
    from gis_app.formats.patrol_sheet import PatrolSheet, extent_of, write  # noqa: PLC0415

    srid = commune.metric_srid
    routes = chosen_routes(conn, plan)
    lines = [_flat(line) for line in to_metres(conn, [route.line for route in routes], srid)]
    places = q.fetch_metric_places(conn, plan.id, srid)
    extent = extent_of(lines, MARGIN_M, LEAST_M)
    window = shapely.box(*extent)
    streets = [line for line in open_ways(conn, commune).graph.streets.lines if window.intersects(line)]
    outline = shapely.get_rings(shapely.get_parts(fetch_outline(conn, commune.id, srid)))
    kind = COMMUNE_KINDS[commune.kind]
    state = VI.say(f"patrol.state.{plan.state}").lower()
    drawn = "" if plan.draw_seed is None else f" · bốc thăm theo số {plan.draw_seed}"
    return write(PatrolSheet(
        title="PHIẾU TUẦN TRA",
        lines=(f"{kind.capitalize()} {commune.name} · ngày {plan.shift_on:%d/%m/%Y} · {hours_text(plan)}",
               f"Ca số {plan.id} · phương án {plan.chosen} · số ngẫu nhiên {plan.settings['seed']}{drawn}"),
        is_demo=commune.is_demo, extent=extent, streets=[_flat(line) for line in streets],
        outline=[_flat(ring) for ring in outline],
        teams=[_team(conn, plan, route, line, places) for route, line in zip(routes, lines, strict=True)],
        columns=COLUMNS,
        draft="BẢN SOẠN, CHƯA BAN HÀNH" if plan.state == "draft" else "",
        notes=NOTES, source=SOURCE, address=address,
        foot=f"Ca tuần tra số {plan.id} (bản {plan.version}, {state}) · chỉ dùng trong ca, thu hồi khi hết ca",
    ))  # fmt: skip


def _team(
    conn: Connection, plan: q.Plan, route: q.RouteRow, line: list[float], places: dict[int, tuple[float, float]]
) -> "SheetTeam":
    from gis_app.formats.patrol_sheet import SheetTeam  # noqa: PLC0415

    stops = {stop.id: stop for stop in q.fetch_stops(conn, plan.id)}
    rows, marks = [], []
    for number, one in enumerate(route.stops, 1):
        stop = stops[int(one["id"])]
        marks.append((str(number), *places[stop.id]))
        about = f"{title_of(VI, stop.kind, stop.title)} – {_short(stop)}"
        rows.append((str(number), stop.code, at_clock(plan.start_min, one["arrive_s"]), about, "", ""))
    return SheetTeam(team_title(plan, route), line, marks, rows)


def _flat(line: shapely.Geometry) -> list[float]:
    found: list[float] = np.asarray(shapely.get_coordinates(line)).ravel().tolist()
    return found
