"""What an import says at its end: counts, or every row that was refused and why."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_MAX_VALUE = 80


@dataclass(frozen=True)
class RowError:
    """A refused row: its number as a person counts (0: the file as a whole), column, value, and broken rule.

    The rule is a message key under `import.`; `params` go into the message.
    """

    number: int
    column: str
    value: str
    rule: str
    params: Mapping[str, Any] = field(default_factory=dict)


def row_error(number: int, column: str, value: Any, rule: str, **params: Any) -> RowError:
    """Make a row error whose value is short enough for a table."""
    return RowError(int(number), column, "" if value is None else str(value)[:_MAX_VALUE], rule, params)


@dataclass
class ImportReport:
    """The result of one layer of one file; nothing is stored unless `is_stored`."""

    layer: str
    row_count: int = 0
    errors: list[RowError] = field(default_factory=list)
    inserted_count: int = 0
    updated_count: int = 0
    unchanged_count: int = 0
    outside_count: int = 0
    # Of an extract: what it has no more, and what stays as somebody made it here.
    removed_count: int = 0
    kept_count: int = 0
    is_stored: bool = False
    srid: int | None = None
    ignored_columns: tuple[str, ...] = ()
    notes: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def note(self, rule: str, **params: Any) -> None:
        """Add something that a person should know although nothing was refused."""
        self.notes.append((rule, params))

    @property
    def rule_counts(self) -> Counter[str]:
        """How often each rule was broken."""
        return Counter(error.rule for error in self.errors)
