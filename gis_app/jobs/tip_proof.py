"""What stands between the tip form and a flood: work of the sender's browser, or a question where no script runs.

A form's token is signed: a nonce, the commune's code, how much work, the answer's hash. It is good for one tip, and its
work for as many tips of the hour as it was asked for; the database holds both (migrations/sql/tip_lanes.sql), of the
nonce a mark alone, until no token of that day is read any more. Work is bound to the sending's own number, so that the
same sending may come again.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from itsdangerous import BadSignature, URLSafeTimedSerializer

from gis_app.jobs.tip_box import ALPHABET
from gis_app.text import fold
from gis_app.words import Words

# A form may lie open for a day.
MAX_AGE_S = 24 * 3600
SALT = "tip form"
LEAST_BITS = 14
# Worked-for tips of the commune in this hour -> bits of work: some 0.1 s at first, half a minute in a flood.
MORE_BITS = ((400, 21), (200, 20), (60, 18), (20, 16))
LARGEST_COUNTER = 2**40
WORD_LENGTH = 5


@dataclass(frozen=True)
class Form:
    """What a form's token says."""

    nonce: str
    code: str
    bits: int
    answer_hash: str


@dataclass(frozen=True)
class Ticket:
    """What lets one tip in: the sending's number, the form's mark, for which tips of the hour it is good (None: any).

    `lane` is "sent" where work was done, "asked" where the question was answered; `share`: the places of the poster
    whose word was brought.
    """

    client_id: str
    mark: int
    lane: str
    reach: int | None
    share: str | None = None


def _signer(secret_key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key, salt=SALT)


def bits_for(load: int) -> int:
    """How much work: more the more tips came in this hour."""
    return next((bits for least, bits in MORE_BITS if load >= least), LEAST_BITS)


def reach_of(bits: int) -> int | None:
    """How many tips of an hour so much work is good for; None: any number."""
    return min((least for least, more in MORE_BITS if more > bits), default=None)


def mark_of(secret_key: str, nonce: str) -> int:
    """What is kept of a form that was good for a tip."""
    digest = hmac.digest(secret_key.encode(), f"tip mark {nonce}".encode(), "sha256")
    return int.from_bytes(digest[:8], signed=True)


def word_of(secret_key: str, box_code: str) -> str:
    """Five letters for the poster of a box or board; they change with SECRET_KEY alone."""
    number = int.from_bytes(hmac.digest(secret_key.encode(), f"tip poster {box_code}".encode(), "sha256"))
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(WORD_LENGTH))


def share_of(secret_key: str, box_code: str, word: str) -> str | None:
    """The name under which a poster's tips of an hour are counted; None: the word is another."""
    if not hmac.compare_digest(word_of(secret_key, box_code).encode(), word.encode()):
        return None
    return "box" + hmac.new(secret_key.encode(), f"tip share {box_code}".encode(), sha256).hexdigest()[:12]


def _hash(secret_key: str, nonce: str, answer: str) -> str:
    return hmac.new(secret_key.encode(), f"{nonce} {answer}".encode(), sha256).hexdigest()[:32]


def make_form(secret_key: str, code: str, load: int, words: Words) -> tuple[str, Form, str]:
    """A new form: its token, what the token says, and the question in words."""
    nonce = secrets.token_hex(16)
    first, second = secrets.randbelow(8) + 2, secrets.randbelow(8) + 2
    question = words.say(
        "tip.question_sum", first=words.say(f"tip.number.{first}"), second=words.say(f"tip.number.{second}")
    )
    question = question[0].upper() + question[1:]
    form = Form(nonce, code, bits_for(load), _hash(secret_key, nonce, str(first + second)))
    token = _signer(secret_key).dumps([form.nonce, form.code, form.bits, form.answer_hash])
    return token if isinstance(token, str) else token.decode(), form, question


def read_form(secret_key: str, token: str, code: str) -> Form | None:
    """What the token says; None if it is not ours, too old, or of another commune."""
    try:
        values = _signer(secret_key).loads(token[:600], max_age=MAX_AGE_S)
    except BadSignature:
        return None
    form = Form(*values)
    return form if form.code == code else None


def is_worked(form: Form, client_id: str, counter: str) -> bool:
    """Whether the counter is the work asked for."""
    if not (counter.isascii() and counter.isdigit() and len(counter) < 14 and int(counter) < LARGEST_COUNTER):
        return False
    digest = sha256(f"{form.nonce}:{client_id}:{counter}".encode()).digest()
    return int.from_bytes(digest) >> (256 - form.bits) == 0


def is_answered(secret_key: str, form: Form, answer: str, words: Words) -> bool:
    """Whether the question was answered, in digits or in words."""
    spelt = {fold(words.say(f"tip.number.{number}")): str(number) for number in range(2, 19)}
    key = fold(answer[:40])
    return hmac.compare_digest(_hash(secret_key, form.nonce, spelt.get(key, key)), form.answer_hash)


def read_ticket(secret_key: str, code: str, values: Mapping[str, str], words: Words) -> Ticket | None:
    """What a form's fields let in (`token`, `client_id`, `proof`, `answer`); None: neither work nor answer is right."""
    form = read_form(secret_key, values.get("token", ""), code)
    if form is None:
        return None
    client_id, mark = read_client_id(values.get("client_id", "")), mark_of(secret_key, form.nonce)
    if client_id is not None and is_worked(form, client_id, values.get("proof", "")):
        return Ticket(client_id, mark, "sent", reach_of(form.bits))
    if is_answered(secret_key, form, values.get("answer", ""), words):
        return Ticket(form.nonce, mark, "asked", None)
    return None


def read_client_id(text: str) -> str | None:
    """The sending's own random number, a UUID of version 4; None if it is none."""
    try:
        found = UUID(text[:40])
    except ValueError:
        return None
    return str(found) if found.version == 4 else None
