"""Passwords: how they are hashed, and which are too easy."""

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gis_app.text import has_controls

MIN_LENGTH = 12
MAX_LENGTH = 200
MIN_DIFFERENT = 5

# OWASP's argon2id parameters; at most two hashes at once, or signing in would be a way to stop the server.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_HASHING = threading.BoundedSemaphore(2)
# Verified where there is no such account, so that the time tells nothing.
_DUMMY_HASH = HASHER.hash("no such account")

# Beginnings of what guessers try first, without diacritics, spaces and punctuation; shorter ones are refused anyway.
COMMON = (
    "123456", "654321", "012345", "111111", "121212", "123123", "112233", "123321", "987654", "000000", "qwerty",
    "azerty", "asdfgh", "zxcvbn", "1qaz2wsx", "1q2w3e4r", "q1w2e3r4", "abcdef", "abc123", "password", "passw0rd",
    "p4ssw0rd", "iloveyou", "letmein", "welcome", "administrator", "adminadmin", "admin123", "quantri", "changeme",
    "default", "football", "superman", "sunshine", "princess", "dragon", "monkey", "trustno1", "matkhau", "matma123",
    "anhyeuem", "emyeuanh", "yeuem", "vietnam", "hanoi", "haiphong", "saigon", "hochiminh", "congan", "bandobinhyen",
    "khongmatuy", "binhyen", "nguyenvan", "tranvan", "doson", "kienan",
)  # fmt: skip


def hash_password(password: str) -> str:
    """The argon2id hash that is stored."""
    with _HASHING:
        return HASHER.hash(password)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether the password is right; without an account it takes as long and is wrong."""
    with _HASHING:
        try:
            right = HASHER.verify(password_hash or _DUMMY_HASH, password)
        except (VerificationError, InvalidHashError):
            return False
    return right and password_hash is not None


def _bare(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(char for char in apart if char.isalnum())


def fault_of(password: str, username: str) -> str | None:
    """Why a new password is too easy (a message key under `error.`), or None.

    A common word may be part of a long password, but not nearly all of it: what is left must be long enough too.
    """
    if len(password) < MIN_LENGTH:
        return "password_short"
    if len(password) > MAX_LENGTH or has_controls(password):
        return "password_long"
    bare, name = _bare(password), _bare(username)
    if name and (bare == name or (len(name) > 3 and len(bare.replace(name, "")) < MIN_LENGTH - 4)):
        return "password_is_name"
    left = bare
    for word in COMMON:
        left = left.replace(word, "")
    if len(left) < MIN_LENGTH - 6 or len(set(bare)) < MIN_DIFFERENT or bare.isdigit():
        return "password_common"
    return None
