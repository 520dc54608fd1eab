"""The code on a poster: commune, box or board, and a word that only who made the poster knows.

A machine on the network can count boxes; the word it cannot. Who comes with it has stood before the poster, so each
box keeps places of every hour for such tips. A code without the word, or with another one, opens the same form.
"""

import re

from gis_app.jobs import tip_proof

# A commune's code, and a box (h) or board (b) of it with its word: short enough to be typed from a board.
CODE = re.compile(r"([0-9A-Za-z]{1,10})(?:-([hb])([0-9]{1,18})(?:-[0-9A-Za-z]{5})?)?")
_TYPED = re.compile(r"([0-9a-z]{1,10}-[hb][0-9]{1,18})-([0-9a-z]{5})/?\s*", re.IGNORECASE)
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V"})


def poster_code(secret_key: str, box_code: str) -> str:
    """The code of a box or board with its word."""
    return f"{box_code}-{tip_proof.word_of(secret_key, box_code)}"


def share_of(secret_key: str, *told: str) -> str | None:
    """The places of the first of these codes or addresses that has its right word; None: of none."""
    for text in told:
        found = _TYPED.fullmatch(text[:200].rpartition("/")[2] or text[:200].rstrip("/ ").rpartition("/")[2])
        if found is None:
            continue
        commune_code, _, box = found[1].partition("-")
        share = tip_proof.share_of(secret_key, f"{commune_code}-{box.lower()}", found[2].upper().translate(_MISREAD))
        if share is not None:
            return share
    return None
