"""Photos of rows that were looked at on site: police reads, data officers add; gone after a year."""

import datetime as dt
import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gis_app.queries.patrol_notes import NewPhoto
from gis_app.tables.survey_photos import survey_photos

_P = survey_photos.c
# Of one thing: the newest ones tell how it looks now.
MOST_OF_ONE = 3


@dataclass(frozen=True)
class PhotoRow:
    """A photo of a row of a layer, without its bytes."""

    id: int
    layer: str
    row_id: int
    kept_on: dt.date


def insert_photo(
    conn: Connection, commune_id: int, layer: str, row_id: int, client_id: uuid.UUID, new: NewPhoto
) -> bool:
    """Keep a photo once, and of its row the newest `MOST_OF_ONE`; False where the device's number is known already."""
    try:
        with conn.begin_nested():
            conn.execute(
                sa.insert(survey_photos).values(
                    commune_id=commune_id, layer=layer, row_id=row_id, client_id=client_id, data=new.data,
                    width=new.width, height=new.height, sha256=new.sha256,
                )
            )  # fmt: skip
    except sa.exc.IntegrityError as error:
        if "survey_photos_commune_id_client_id" in str(error.orig):
            return False
        raise
    old = [one.id for one in fetch_photos(conn, commune_id, layer, row_id)[MOST_OF_ONE:]]
    conn.execute(sa.delete(survey_photos).where(_P.commune_id == commune_id, _P.id.in_(old)))
    return True


def fetch_photos(conn: Connection, commune_id: int, layer: str, row_id: int) -> list[PhotoRow]:
    """Photos of a row of a layer, newest first."""
    statement = sa.select(_P.id, _P.layer, _P.row_id, _P.kept_on).where(
        _P.commune_id == commune_id, _P.layer == layer, _P.row_id == row_id
    )
    return [PhotoRow(*row) for row in conn.execute(statement.order_by(_P.id.desc()))]


def fetch_photo(conn: Connection, commune_id: int, photo_id: int) -> bytes | None:
    """The JPEG, while it is kept."""
    statement = sa.select(_P.data).where(_P.commune_id == commune_id, _P.id == photo_id)
    found = conn.execute(statement).scalar_one_or_none()
    return None if found is None else bytes(found)


def delete_expired_survey_photos(conn: Connection) -> int:
    """Retention: photos past their year."""
    return int(conn.execute(sa.select(sa.func.delete_expired_survey_photos())).scalar_one())
