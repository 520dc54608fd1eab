"""Merge of one row: what a client changed since the version that it read, onto the row of today.

Model: `read` are the states that the client may hold of a value: the version that it read first, then what it
wrote itself, the newest last; `now` is today's value, `wanted` the client's. wanted = newest of read, or = now: nothing
to do. wanted = an older one of read: it may be stale as well as meant, so nobody may guess. A new value is meant: it is
written where now = newest of read, and else both sides have changed it, and neither may win unasked.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Merge:
    """`changes`: what to write onto today's row; `conflicts`: names of values that cannot be decided, sorted."""

    changes: Mapping[str, Any]
    conflicts: tuple[str, ...]


def is_alike(one: Any, other: Any) -> bool:
    """Whether two values are the same; an empty text is none."""
    return bool((None if one == "" else one) == (None if other == "" else other))


def merge(
    read: Sequence[Mapping[str, Any]],
    now: Mapping[str, Any],
    wanted: Mapping[str, Any],
    alike: Callable[[Any, Any], bool] = is_alike,
) -> Merge:
    """Merge the values that `wanted` names; one that a state does not know is None there."""
    changes, conflicts = {}, []
    for name, value in wanted.items():
        *older, newest = [state.get(name) for state in read]
        today = now.get(name)
        if alike(value, newest) or alike(value, today):
            continue
        if alike(today, newest) and not any(alike(value, one) for one in older):
            changes[name] = value
        else:
            conflicts.append(name)
    return Merge(changes, tuple(sorted(conflicts)))
