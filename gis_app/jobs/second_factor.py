"""The second step of signing in: a time-based code (TOTP, RFC 6238) whose secret is stored encrypted."""

import base64
from datetime import datetime

import pyotp
import segno
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ISSUER = "Bản đồ Bình Yên"
STEP_S = 30
# A phone's clock may be half a minute off, either way.
TOLERANCE_STEPS = 1


def _box(secret_key: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"second factor").derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def make_secret() -> str:
    """A new random secret (base32)."""
    return pyotp.random_base32()


def encrypt_secret(secret_key: str, secret: str) -> str:
    """The secret as it is stored."""
    return _box(secret_key).encrypt(secret.encode()).decode()


def decrypt_secret(secret_key: str, encrypted: str) -> str | None:
    """The secret again, or None after SECRET_KEY has changed: then no code is right."""
    try:
        return _box(secret_key).decrypt(encrypted.encode()).decode()
    except InvalidToken:
        return None


def matching_step(secret: str, code: str, last_step: int, now: datetime) -> int | None:
    """The time step whose code this is, or None; a step up to `last_step` was taken before and is refused."""
    digits = code.replace(" ", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) == 6):
        return None
    made = pyotp.TOTP(secret, interval=STEP_S)
    current = int(now.timestamp()) // STEP_S
    found = None
    for step in range(current - TOLERANCE_STEPS, current + TOLERANCE_STEPS + 1):
        # Every step is compared, in constant time.
        if pyotp.utils.strings_equal(digits, made.generate_otp(step)) and step > last_step:
            found = step
    return found


def qr_code(secret: str, username: str) -> str:
    """The QR code that an authenticator app reads, as a `data:` address of an SVG picture."""
    address = pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=username, issuer_name=ISSUER)
    picture: str = segno.make(address, error="m").svg_data_uri(scale=5, border=4, light="#fff", dark="#000")
    return picture
