"""Messages, numbers and shares in one language, for pages and for what jobs print. Standard library only."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

LANGUAGES = ("vi", "en")
_FOLDER = Path(__file__).resolve().parent / "messages"


@lru_cache
def catalogue(lang: str) -> Mapping[str, str]:
    """All messages of a language."""
    messages: dict[str, str] = json.loads((_FOLDER / f"{lang}.json").read_text(encoding="utf-8"))
    return messages


class _Lenient(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


@dataclass(frozen=True)
class Words:
    """What is said in a language."""

    lang: str

    def say(self, key: str, **params: Any) -> str:
        """The message of a key with its parameters; an unknown key answers itself, so a test can find it."""
        known = catalogue(self.lang)
        text = known.get(key, key)
        if "rule" in params:
            params["rule"] = known.get(f"rule.{params['rule']}", params["rule"])
        return text.format_map(_Lenient(params)) if params else text

    def of(self, title: tuple[str, str]) -> str:
        """The right one of (Vietnamese, English)."""
        return title[LANGUAGES.index(self.lang)]

    def number(self, value: Decimal | int) -> str:
        """A number without useless zeros, with the language's separators."""
        text = f"{value:,}" if isinstance(value, int) else f"{value.normalize():,f}"
        return text if self.lang == "en" else text.translate(str.maketrans(",.", ".,"))

    def per_cent(self, part: int, of: int) -> str:
        """A share with one place, half up; an empty text where there is nothing to share."""
        if of == 0:
            return ""
        share = (Decimal(part * 100) / of).quantize(Decimal("0.1"), ROUND_HALF_UP)
        return f"{self.number(share)} %"


# Forms of the state are Vietnamese, whatever language the page was read in.
VIETNAMESE = Words("vi")
