"""Recovery codes: ten, each good once; kept as argon2id hashes, because 60 random bits are too few for a fast one.

A code is its position (a digit) and twelve characters of Crockford's base 32, which has no I, L, O and U:
`7-K3QD-9FWM-2XTB`. How it is written (case, spaces, hyphens, O for 0) does not matter.
"""

import secrets
from dataclasses import dataclass

from gis_app.jobs.passwords import hash_password, verify_password

COUNT = 10
LENGTH = 12
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


@dataclass(frozen=True)
class RecoveryCode:
    """A code as it was typed: where its hash stands, and what the hash is of."""

    position: int
    secret: str


def make_codes() -> list[str]:
    """Ten new codes, as people write them down."""
    codes = []
    for position in range(COUNT):
        secret = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        codes.append("-".join((str(position), secret[:4], secret[4:8], secret[8:])))
    return codes


def read_code(text: str) -> RecoveryCode | None:
    """What was typed, if it has the shape of a recovery code; a code of an authenticator app has not."""
    bare = text.upper().translate(_READ_AS)
    if len(bare) != LENGTH + 1 or not set(bare) <= set(ALPHABET) or bare[0] not in "0123456789":
        return None
    return RecoveryCode(int(bare[0]), bare[1:])


def hash_codes(codes: list[str]) -> list[str]:
    """The hashes that are stored, in the codes' order."""
    found = [read_code(code) for code in codes]
    return [hash_password(code.secret) for code in found if code is not None]


def is_right(stored: str | None, code: RecoveryCode) -> bool:
    """Whether the code is the stored one; a position that is used up takes as long and is wrong."""
    return verify_password(stored, code.secret)
