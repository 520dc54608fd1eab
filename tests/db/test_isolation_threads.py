"""Many people of two communes at once: a connection of the pool never carries one commune's tenant into another's."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask.testing import FlaskClient

from tests.builders import BEN, MAU, tile_of

THREADS, REQUESTS = 16, 400


def test_sixteen_threads_of_two_communes(client_as: Callable[[str | None], FlaskClient]) -> None:
    clients = [client_as(("hoa", "giang")[number % 2]) for number in range(THREADS)]
    z, x, y = tile_of(MAU.at(2990, 500), 14)
    addresses = [
        "/api/layers/lights/features?limit=50",
        "/api/layers/groups/features",
        "/api/search?q=to dan pho",
        "/api/groups/counts?layer=cameras",
        "/api/layers/cameras/features?f=csv",
        f"/tiles/groups/{z}/{x}/{y}",
        "/api/session",
    ]

    def run(number: int) -> tuple[int, int]:
        draw, client = random.Random(number), clients[number]
        own, foreign = ((MAU, BEN), (BEN, MAU))[number % 2]
        strange = answered = 0
        for _ in range(REQUESTS):
            answer = client.get(draw.choice(addresses))
            strange += foreign.marker.encode() in answer.data
            answered += answer.status_code == 200 and (own.marker.encode() in answer.data or not answer.data)
        return strange, answered

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(run, range(THREADS)))
    assert sum(strange for strange, _ in found) == 0
    # /api/session says the commune, not the marker of its rows; the rest does.
    assert sum(answered for _, answered in found) > THREADS * REQUESTS * 0.6
