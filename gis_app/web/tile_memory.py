"""Ready-made tiles in a worker's memory, so that a map's forty tiles need not ask the database forty times.

What keeps it right: a tile comes in only as row-level security let it out, under the commune and audience that it
was made for; it is given out under the version that it shows and no other; and the database is asked for the
version unless the address names the version that was current less than FRESH_S ago.
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from gis_app.queries.ready_tiles import Tile
from gis_app.queries.tiles import TileKey

MAX_BYTES = 64 * 1024 * 1024
# What an entry costs beside its bytes.
ENTRY_BYTES = 500
# An address that names an old version may show it for so long after a change.
FRESH_S = 1.0


@dataclass(frozen=True)
class Shelf:
    """Who may share tiles of a set: one commune (None: the whole country) and one audience."""

    tileset: str
    commune_id: int | None
    audience: str


class TileMemory:
    """The least recently used tiles are forgotten past `max_bytes`; threads of the worker share it."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._tiles: OrderedDict[tuple[Shelf, TileKey], Tile] = OrderedDict()
        self._versions: dict[Shelf, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def get(self, shelf: Shelf, key: TileKey) -> Tile | None:
        """The tile and the version that it shows; whether that is current is for the caller to know."""
        with self._lock:
            found = self._tiles.get((shelf, key))
            if found is not None:
                self._tiles.move_to_end((shelf, key))
            return found

    def put(self, shelf: Shelf, key: TileKey, tile: Tile) -> None:
        """Keep a tile as the database gave it; an older version never replaces a newer."""
        with self._lock:
            old = self._tiles.get((shelf, key))
            if old is not None:
                if old.version > tile.version:
                    return
                self._bytes -= len(old.gz) + ENTRY_BYTES
            self._tiles[shelf, key] = tile
            self._tiles.move_to_end((shelf, key))
            self._bytes += len(tile.gz) + ENTRY_BYTES
            while self._bytes > self._max_bytes:
                _, dropped = self._tiles.popitem(last=False)
                self._bytes -= len(dropped.gz) + ENTRY_BYTES

    def current_version(self, shelf: Shelf) -> int | None:
        """The version that was current a moment ago, if anybody asked."""
        version, asked_at = self._versions.get(shelf, (None, 0.0))
        return version if time.monotonic() - asked_at < FRESH_S else None

    def note_version(self, shelf: Shelf, version: int, asked_at: float) -> None:
        """Remember what the database said to a question asked at `asked_at` (monotonic seconds)."""
        with self._lock:
            if len(self._versions) > 10_000:
                self._versions.clear()
            known = self._versions.get(shelf)
            if known is None or known[1] <= asked_at:
                self._versions[shelf] = (version, asked_at)
