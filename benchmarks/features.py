"""Features as GeoJSON per second, ours beside tipg and pygeoapi on the same table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.client import Load, request_bytes, run_load

SIZES = (10, 100, 1000)
HEADS = ("server", *(f"{size:,} features: answers/s" for size in SIZES), *(f"p50 ms ({size:,})" for size in SIZES))
# Pages begin at different places, so that no answer is the last one again.
STARTS = 40


@dataclass(frozen=True)
class Contender:
    """A server and how a page of features is asked of it: limit, number of the page -> path."""

    name: str
    port: int
    path: Callable[[int, int], str]
    headers: Sequence[str] = ()
    # All are asked for plain text first: how hard each compresses is its own choice.
    encoding: str = "identity"


def measure(contender: Contender, seconds: float) -> dict[int, Load]:
    """Answers per second for each page size."""
    found = {}
    for size in SIZES:
        paths = [contender.path(size, number) for number in range(STARTS)]
        requests = [request_bytes(path, contender.headers, contender.encoding) for path in paths]
        run_load(contender.port, requests[:8], 5.0)
        load = run_load(contender.port, requests, seconds, cycle=True)
        if set(load.statuses) != {200}:
            raise RuntimeError(f"{contender.name}: statuses {dict(load.statuses)}")
        found[size] = load
    return found


def row(name: str, loads: dict[int, Load]) -> list[object]:
    """The table's row."""
    return [name, *(loads[size].rate for size in SIZES), *(loads[size].latency_ms(0.5) for size in SIZES)]
