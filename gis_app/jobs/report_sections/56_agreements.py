"""Agreements with neighbouring communes: with whom, how far, which layers, until when."""

from sqlalchemy.engine import Connection

from gis_app.analysis.report import Column, Section, Table, Text
from gis_app.jobs.report_sources import Asked, day
from gis_app.queries.agreements import fetch_agreements
from gis_app.words import VIETNAMESE as VI
from layers import LAYERS

HAS_HISTORY = False
TITLE = "Phối hợp giáp ranh"


def section(conn: Connection, asked: Asked) -> Section:
    """Agreements in force, and those that wait."""
    found = [one for one in fetch_agreements(conn, asked.commune.id) if one.state != "ended"]
    states = [one.state for one in found]
    figures: dict[str, int | str] = {state: states.count(state) for state in ("approved", "proposed")}
    if not found:
        text = "Chưa có thỏa thuận chia sẻ dữ liệu giáp ranh nào còn hiệu lực trên hệ thống."
        return Section("agreements", TITLE, (Text(text),), figures)
    columns = (
        Column("Địa bàn giáp ranh", 50),
        Column("Mỗi bên (m)", 22, "right"),
        Column("Lớp chia sẻ", 48),
        Column("Đến hết ngày", 23, "center"),
        Column("Tình trạng", 22, "center"),
    )
    rows = [
        (
            one.neighbour_name,
            one.width_m,
            ", ".join(LAYERS[name].title[0] for name in one.layers if name in LAYERS),
            day(one.ends_on),
            VI.say(f"agreement.state.{one.state}"),
        )
        for one in found
    ]
    return Section("agreements", TITLE, (Table("Thỏa thuận giáp ranh", columns, rows, "agreements"),), figures)
