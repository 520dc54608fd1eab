"""CQL2 filters (OGC 21-065r2) as a tree of the JSON encoding, bounded before anybody reads them.

The text encoding is read by the package cql2 (cql2-rs), a recursive parser in Rust: a text that nests too deep would
overflow its stack and end the process. So nesting and length are counted first, with much to spare: a thread of
256 KiB overflowed at 40 levels, and ours have 2 MiB or more.
"""

import json
import math
import re
from typing import Any

import cql2

from gis_app.errors import BadRequest

MAX_LENGTH = 8_000
MAX_DEPTH = 10
MAX_NOTS = 10
MAX_COMPARISONS = 60
MAX_NODES = 12_000

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
# A sign belongs to a number; arithmetic is not offered.
_SIGNED = re.compile(r"(?<![\w.)\]])-(?=[\d.])|(?<=\d[eE])[-+](?=\d)")
_ARITHMETIC = re.compile(r"[-+*/^%]|\bdiv\b", re.IGNORECASE)
# Words that nest, and how often each kind may stand in a text.
_COUNTED = (
    (re.compile(r"[<>=!]+|\b(?:like|in|is|between)\b", re.IGNORECASE), MAX_COMPARISONS),
    (re.compile(r"\b(?:and|or)\b", re.IGNORECASE), MAX_COMPARISONS),
    (re.compile(r"\bnot\b", re.IGNORECASE), MAX_NOTS),
)


class BadFilter(BadRequest):
    """A filter that is not CQL2, or asks for what is not offered; `rule` is a message key under `rule.`."""

    def __init__(self, rule: str, at: str = "") -> None:
        super().__init__("bad_filter", rule=rule, at=at[:60])


def parse_text(text: str) -> Any:
    """Read CQL2 text.

    Raises
    ------
    BadFilter
        `filter_long`, `filter_deep`, `filter_arithmetic`, `filter_syntax`.
    """
    _check_text(text)
    try:
        tree = cql2.parse_text(text).to_json()
    except (cql2.ParseError, ValueError) as error:
        raise BadFilter("filter_syntax") from error
    return _checked(tree)


def parse_json(text: str) -> Any:
    """Read CQL2 JSON.

    Raises
    ------
    BadFilter
        `filter_long`, `filter_deep`, `filter_syntax`.
    """
    if len(text) > MAX_LENGTH:
        raise BadFilter("filter_long")
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadFilter("filter_syntax") from error
    return _checked(tree)


def _check_text(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise BadFilter("filter_long")
    bare = _QUOTED.sub("''", text)
    if _ARITHMETIC.search(_SIGNED.sub(" ", bare)):
        raise BadFilter("filter_arithmetic")
    depth = deepest = 0
    for char in bare:
        depth += (char == "(") - (char == ")")
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH or any(len(word.findall(bare)) > most for word, most in _COUNTED):
        raise BadFilter("filter_deep")


def _checked(tree: Any) -> Any:
    """Return the tree if it is small and every number in it is one."""
    stack, count = [(tree, 0)], 0
    while stack:
        node, depth = stack.pop()
        count += 1
        # Geometries nest four deep below an operator.
        if depth > 2 * MAX_DEPTH + 8 or count > MAX_NODES:
            raise BadFilter("filter_deep")
        if isinstance(node, float) and not math.isfinite(node):
            raise BadFilter("number")
        below = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        stack.extend((child, depth + 1) for child in below)
    return tree
