"""Notes of patrols and their photos. Row-level security: the police of the commune; photos go after 90 days."""

import datetime as dt
import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.queries.place_reports import NewReport, insert_report
from gis_app.tables.patrol_notes import patrol_note_photos, patrol_notes
from gis_app.tables.place_reports import place_reports
from layers import LAYERS, table_of

_N, _P, _R = patrol_notes.c, patrol_note_photos.c, place_reports.c


@dataclass(frozen=True)
class NewPhoto:
    """A JPEG that was made anew from its pixels."""

    data: bytes
    width: int
    height: int
    sha256: str


@dataclass(frozen=True)
class NewNote:
    """What a device tells: which shift and team, its own number, the report, a photo made anew or none."""

    plan_id: int
    team: int | None
    client_id: uuid.UUID
    report: NewReport
    photo: NewPhoto | None


@dataclass(frozen=True)
class NoteRow:
    """A note with its report; lon, lat in EPSG:4326; `seen_at` the hour; what was made of it."""

    id: int
    plan_id: int
    team: int | None
    client_id: uuid.UUID
    report_id: int
    lon: float
    lat: float
    category: str
    seen_at: dt.datetime
    note: str | None
    has_photo: bool
    made: str | None
    made_id: int | None


def insert_note(conn: Connection, commune_id: int, new: NewNote) -> bool:
    """Write report, note and photo once; False where the device's number is known already."""
    try:
        with conn.begin_nested():
            report_id = insert_report(conn, commune_id, new.report)
            note_id = conn.execute(
                sa.insert(patrol_notes)
                .values(
                    commune_id=commune_id, plan_id=new.plan_id, team=new.team, client_id=new.client_id,
                    report_id=report_id,
                )
                .returning(_N.id)
            ).scalar_one()  # fmt: skip
            if new.photo is not None:
                conn.execute(
                    sa.insert(patrol_note_photos).values(
                        commune_id=commune_id, note_id=note_id, data=new.photo.data, width=new.photo.width,
                        height=new.photo.height, sha256=new.photo.sha256,
                    )
                )  # fmt: skip
    except sa.exc.IntegrityError as error:
        if "patrol_notes_commune_id_client_id" in str(error.orig):
            return False
        raise
    return True


def fetch_notes(
    conn: Connection,
    commune_id: int,
    *,
    plan_id: int | None = None,
    note_id: int | None = None,
    client_id: uuid.UUID | None = None,
) -> list[NoteRow]:
    """Notes of a plan, or one by its number or its device's, oldest first."""
    statement = (
        sa.select(
            _N.id, _N.plan_id, _N.team, _N.client_id, _N.report_id, sa.func.ST_X(_R.geom), sa.func.ST_Y(_R.geom),
            _R.category, _R.seen_at, _R.note, _P.note_id.is_not(None), _N.made, _N.made_id,
        )
        .select_from(
            patrol_notes.join(place_reports, _R.id == _N.report_id).outerjoin(patrol_note_photos, _P.note_id == _N.id)
        )
        .where(_N.commune_id == commune_id)
        .order_by(_N.id)
    )  # fmt: skip
    for column, value in ((_N.plan_id, plan_id), (_N.id, note_id), (_N.client_id, client_id)):
        if value is not None:
            statement = statement.where(column == value)
    return [NoteRow(*tuple(row)) for row in conn.execute(statement)]


def fetch_photo(conn: Connection, commune_id: int, note_id: int) -> bytes | None:
    """The JPEG of a note, while it is kept."""
    statement = sa.select(_P.data).where(_P.commune_id == commune_id, _P.note_id == note_id)
    found = conn.execute(statement).scalar_one_or_none()
    return None if found is None else bytes(found)


def lock_unmade(conn: Connection, commune_id: int, note_id: int) -> bool:
    """Hold a note of which nothing was made yet; False where something was."""
    statement = sa.select(_N.id).where(_N.commune_id == commune_id, _N.id == note_id, _N.made.is_(None))
    return conn.execute(statement.with_for_update()).one_or_none() is not None


def update_made(conn: Connection, note: NoteRow, made: str, made_id: int) -> None:
    """Say what was made of a note; a hotspot is named by the report too."""
    conn.execute(sa.update(patrol_notes).where(_N.id == note.id).values(made=made, made_id=made_id))
    if made == "hotspot":
        conn.execute(sa.update(place_reports).where(_R.id == note.report_id).values(hotspot_id=made_id))


def fetch_near_light(conn: Connection, commune_id: int, note: NoteRow, srid: int, within_m: float) -> int | None:
    """The working light nearest to a note, within some metres."""
    t = table_of(LAYERS["lights"])
    spot = sa.func.ST_Transform(sa.func.ST_SetSRID(sa.func.ST_MakePoint(note.lon, note.lat), 4326), srid)
    away = sa.func.ST_Distance(sa.func.ST_Transform(t.c.geom, srid), spot)
    statement = sa.select(t.c.id).where(t.c.commune_id == commune_id, t.c.state == "working", away <= within_m)
    return conn.execute(statement.order_by(away, t.c.id).limit(1)).scalar_one_or_none()


def fetch_group(conn: Connection, commune_id: int, note: NoteRow) -> int | None:
    """The residential group in which a note lies, else the nearest."""
    t = table_of(LAYERS["groups"])
    spot = sa.func.ST_SetSRID(sa.func.ST_MakePoint(note.lon, note.lat), 4326)
    statement = sa.select(t.c.id).where(t.c.commune_id == commune_id)
    return conn.execute(statement.order_by(sa.func.ST_Distance(t.c.geom, spot), t.c.id).limit(1)).scalar_one_or_none()


def delete_expired_photos(conn: Connection) -> int:
    """Retention: photos past their 90 days."""
    return int(conn.execute(sa.select(sa.func.delete_expired_patrol_note_photos())).scalar_one())
