"""What pages, the phone and the printed sheet all say of a plan: reasons of a stop, times, lengths."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from gis_app.analysis.patrol_clock import DAY_MINUTES, clock_text
from gis_app.words import Words


def tenths(words: Words, value: float) -> str:
    """A number with at most one place."""
    return words.number(Decimal(str(value)).quantize(Decimal("0.1")))


def reason_text(words: Words, reason: Mapping[str, Any]) -> str:
    """One reason without its points."""
    values = dict(reason["values"])
    if reason["code"] == "hotspot":
        values["class"] = words.say(f"patrol.class.{values['class']}")
    elif reason["code"] == "venue":
        values["kind"] = words.say(f"patrol.venue.{values['kind']}")
    code = "due_never" if reason["code"] == "due" and values["days"] is None else reason["code"]
    return words.say(f"patrol.reason.{code}", **values)


def reason_with_points(words: Words, reason: Mapping[str, Any]) -> str:
    """One reason with its points, as "… (3 điểm)"."""
    points = tenths(words, reason["points"])
    return words.say("patrol.reason_points", reason=reason_text(words, reason), points=points)


def title_of(words: Words, kind: str, title: str) -> str:
    """What a stop is called; a place without a name by its kind."""
    return title or words.say(f"patrol.kind.{kind}")


def at_clock(start_min: int, seconds: float) -> str:
    """HH:MM of a moment of the shift; after midnight it starts again."""
    return clock_text((start_min + int(seconds // 60)) % DAY_MINUTES)


def minutes(seconds: float) -> int:
    """Whole minutes, a started one counts: nothing that is over the shift looks as if it were not."""
    return int(-(-seconds // 60))


def kilometres(words: Words, metres: float) -> str:
    """Kilometres with at most one place."""
    return tenths(words, metres / 1000)
