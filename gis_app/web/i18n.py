"""The request's language, and messages in it: one flat catalogue per language, Vietnamese first and complete."""

from typing import Any

from flask import current_app, g, request

from gis_app.words import LANGUAGES, Words, catalogue

__all__ = ["COOKIE", "LANGUAGES", "catalogue", "language", "localised", "t", "words"]

COOKIE = "lang"


def language() -> str:
    """The language of this request: `?lang=`, the cookie, else the installation's."""
    if "lang" not in g:
        asked = request.args.get("lang") or request.cookies.get(COOKIE)
        g.lang = asked if asked in LANGUAGES else current_app.config["SETTINGS"].default_language
    return str(g.lang)


def words() -> Words:
    """What is said in the language of this request."""
    return Words(language())


def t(key: str, **params: Any) -> str:
    """The message of a key with its parameters; an unknown key answers itself, so a test can find it."""
    return words().say(key, **params)


def localised(title: tuple[str, str]) -> str:
    """The right one of (Vietnamese, English)."""
    return words().of(title)
