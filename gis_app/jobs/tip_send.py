"""A tip on its way in: personal data looked for, the photo made anew, all of it closed, the place rounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.engine import Connection

from gis_app.analysis.person_guard import Finding, findings
from gis_app.formats.photo import clean_photo
from gis_app.jobs import tip_box
from gis_app.jobs.tip_proof import Ticket
from gis_app.queries import tip_doors

# What nobody needs in order to tell of a place; of the rest, a name of a street may look like one.
NEVER = frozenset({"phone", "identity", "plate", "contact", "account", "birth"})
# Degrees, about ten metres; browsers round alike.
STEP = Decimal("0.0001")


@dataclass(frozen=True)
class Draft:
    """A tip as it was filled in; the photo as it was sent."""

    commune_id: int
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


def send(conn: Connection, secret_key: str, draft: Draft, ticket: Ticket, load: int = 0) -> tuple[str, str]:
    """Send a draft; the outcome (tip_doors.insert_tip) and the receipt, the same for every repetition.

    `load` tips came in this hour before: work that is too little is told before a photo is looked at.

    Raises
    ------
    GisError
        The photo is none, or too large.
    """
    receipt = tip_box.receipt_of(secret_key, ticket.client_id)
    digest = tip_box.receipt_hash(secret_key, receipt)
    if tip_doors.fetch_sent(conn, digest) is not None:
        return "known", receipt
    if ticket.reach is not None and load >= ticket.reach:
        return "more", receipt
    row = tip_box.make_id()
    words = {"text": draft.text} | ({"number": draft.device_number} if draft.device_number else {})
    photo = None if draft.photo is None else tip_box.seal(secret_key, row, "photo", clean_photo(draft.photo).data)
    sealed = tip_doors.SealedTip(
        id=row,
        commune_id=draft.commune_id,
        subject=draft.subject,
        precision=draft.precision,
        group_id=draft.group_id if draft.precision in ("group", "cell") else None,
        road_id=draft.road_id if draft.precision == "street" else None,
        spot=_rounded(conn, draft),
        device=draft.device,
        device_number=draft.device_number,
        body=tip_box.seal_words(secret_key, row, "body", words),
        photo=photo,
        receipt_hash=digest,
        is_suspect=draft.is_suspect,
    )
    return tip_doors.insert_tip(conn, sealed, ticket.mark, ticket.lane, ticket.reach, ticket.share), receipt


def _rounded(conn: Connection, draft: Draft) -> tuple[float, float] | None:
    if draft.spot is None or draft.precision not in ("point", "cell"):
        return None
    step = tip_doors.fetch_cell(conn, draft.commune_id) if draft.precision == "cell" else STEP
    lon, lat = (float(round(Decimal(repr(one)) / step) * step) for one in draft.spot)
    return lon, lat
