"""What a tip holds is closed before the database sees it: AES-256-GCM under a key made from SECRET_KEY.

Not Fernet: its tokens carry the second in which they were made. Texts are filled up to whole kilobytes, so that their
length tells little; each ciphertext is bound to its row, so none can be put in another's place.
"""

import hmac
import json
import secrets
from collections.abc import Mapping
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

# Crockford's base 32: no I, L, O, U, so that a code copied by hand stays the same.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RECEIPT_BITS = 100
RECEIPT_LENGTH = RECEIPT_BITS // 5
NONCE_BYTES = 12
FILL_BYTES = 1024
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V"})


def _key(secret_key: str, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=f"tips {purpose}".encode()).derive(secret_key.encode())


def make_id() -> int:
    """A random number for a row: it tells no order, and a browser's script holds it exactly."""
    return secrets.randbelow(2**52) + 1


def seal(secret_key: str, row: int, what: str, content: bytes) -> bytes:
    """Bytes as they are stored, bound to the row and to what they are."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(_key(secret_key, "box")).encrypt(nonce, content, f"{what} {row}".encode())


def unseal(secret_key: str, row: int, what: str, sealed: bytes | memoryview) -> bytes | None:
    """The bytes again; None after SECRET_KEY has changed, or where a row holds what is not its own."""
    data = bytes(sealed)
    try:
        key = AESGCM(_key(secret_key, "box"))
        return key.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], f"{what} {row}".encode())
    except (InvalidTag, ValueError):
        return None


def seal_words(secret_key: str, row: int, what: str, words: Mapping[str, str]) -> bytes:
    """Words as they are stored."""
    plain = json.dumps(words, ensure_ascii=False).encode()
    return seal(secret_key, row, what, plain.ljust(-(-len(plain) // FILL_BYTES) * FILL_BYTES))


def unseal_words(secret_key: str, row: int, what: str, sealed: bytes | memoryview | None) -> Mapping[str, str] | None:
    """The words again, or None."""
    plain = None if sealed is None else unseal(secret_key, row, what, sealed)
    if plain is None:
        return None
    found: Mapping[str, str] = json.loads(plain)
    return found


def receipt_of(secret_key: str, client_id: str) -> str:
    """The receipt of a sending: the same for the same random number of the sender, so that sending again shows it."""
    digest = hmac.digest(_key(secret_key, "receipt"), client_id.encode(), "sha256")
    number = int.from_bytes(digest) >> (8 * len(digest) - RECEIPT_BITS)
    return "".join(ALPHABET[number >> (5 * place) & 31] for place in reversed(range(RECEIPT_LENGTH)))


def spoken(receipt: str) -> str:
    """A receipt in groups of four, as people copy it."""
    return "-".join(receipt[at : at + 4] for at in range(0, len(receipt), 4))


def read_receipt(typed: str) -> str:
    """A receipt as it was typed, with what is easily misread put right; what is none stays none."""
    return "".join(char for char in typed.upper() if char.isalnum())[:64].translate(_MISREAD)


def receipt_hash(secret_key: str, receipt: str) -> str:
    """What is kept of a receipt."""
    return hmac.new(_key(secret_key, "hash"), receipt.encode(), sha256).hexdigest()
