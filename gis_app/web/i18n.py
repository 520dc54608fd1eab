"""Messages: one flat catalogue per language, Vietnamese first and complete."""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import current_app, g, request

LANGUAGES = ("vi", "en")
COOKIE = "lang"
_FOLDER = Path(__file__).resolve().parent.parent / "messages"


@lru_cache
def catalogue(lang: str) -> Mapping[str, str]:
    """All messages of a language."""
    messages: dict[str, str] = json.loads((_FOLDER / f"{lang}.json").read_text(encoding="utf-8"))
    return messages


def language() -> str:
    """The language of this request: `?lang=`, the cookie, else the installation's."""
    if "lang" not in g:
        asked = request.args.get("lang") or request.cookies.get(COOKIE)
        g.lang = asked if asked in LANGUAGES else current_app.config["SETTINGS"].default_language
    return str(g.lang)


def t(key: str, **params: Any) -> str:
    """The message of a key with its parameters; an unknown key answers itself, so a test can find it."""
    text = catalogue(language()).get(key, key)
    if "rule" in params:
        params["rule"] = catalogue(language()).get(f"rule.{params['rule']}", params["rule"])
    return text.format_map(_Lenient(params)) if params else text


def localised(title: tuple[str, str]) -> str:
    """The right one of (Vietnamese, English)."""
    return title[LANGUAGES.index(language())]


class _Lenient(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
