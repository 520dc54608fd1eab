"""A tip on its way in: personal data looked for, the photo made anew, all of it closed, the place rounded."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gis_app.analysis.person_guard import Finding, findings
from gis_app.formats.photo import clean_photo
from gis_app.jobs import tip_box
from gis_app.queries import tip_doors

# What nobody needs in order to tell of a place; of the rest, a name of a street may look like one.
NEVER = frozenset({"phone", "identity", "plate", "contact", "account", "birth"})
# About ten metres; browsers round alike.
DECIMALS = 4


@dataclass(frozen=True)
class Draft:
    """A tip as it was filled in; the photo as it was sent."""

    commune_id: int
    client_id: str
    subject: str
    precision: str
    group_id: int | None
    road_id: int | None
    spot: tuple[float, float] | None
    device: str | None
    device_number: str | None
    text: str
    photo: bytes | None
    is_suspect: bool


def find_persons(text: str, *, kept: bool) -> Sequence[Finding]:
    """What points at a person; `kept`: the sender has looked and says that names and houses are none."""
    return [found for found in findings(text) if not kept or found.kind in NEVER]


def blur(text: str, mark: str) -> str:
    """The text with a mark in place of everything that points at a person."""
    for found in sorted(findings(text), key=lambda one: -one.start):
        text = f"{text[: found.start]}{mark}{text[found.end :]}"
    return text


def send(conn: Connection, secret_key: str, draft: Draft) -> tuple[str, str]:
    """Send a draft; the outcome (tip_doors.insert_tip) and the receipt, the same for every repetition.

    Raises
    ------
    GisError
        The photo is none, or too large.
    """
    row = tip_box.make_id()
    receipt = tip_box.receipt_of(secret_key, draft.client_id)
    words = {"text": draft.text} | ({"number": draft.device_number} if draft.device_number else {})
    photo = None if draft.photo is None else tip_box.seal(secret_key, row, "photo", clean_photo(draft.photo).data)
    spot = None if draft.spot is None else (round(draft.spot[0], DECIMALS), round(draft.spot[1], DECIMALS))
    sealed = tip_doors.SealedTip(
        id=row,
        commune_id=draft.commune_id,
        subject=draft.subject,
        precision=draft.precision,
        group_id=draft.group_id if draft.precision == "group" else None,
        road_id=draft.road_id if draft.precision == "street" else None,
        spot=spot if draft.precision == "point" else None,
        device=draft.device,
        device_number=draft.device_number,
        body=tip_box.seal_words(secret_key, row, "body", words),
        photo=photo,
        receipt_hash=tip_box.receipt_hash(secret_key, receipt),
        is_suspect=draft.is_suspect,
    )
    return tip_doors.insert_tip(conn, sealed), receipt
