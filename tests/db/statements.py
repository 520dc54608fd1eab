"""What a request asks the database, statement by statement."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine


@contextmanager
def asked() -> Iterator[list[str]]:
    """The statements that any engine of this process sends until the block ends."""
    told: list[str] = []

    def note(_conn: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        told.append(text)

    sa.event.listen(Engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        sa.event.remove(Engine, "before_cursor_execute", note)
