"""Gzip for text answers: the network of a ward is slow, and a commune's lights are 300 kB of digits.

Tiles come compressed from the cache. A single feature stays as it is: its strong ETag is the row's version.
"""

import gzip

from flask import Response, request

TEXT = frozenset(
    {"application/json", "application/geo+json", "application/problem+json", "text/html", "text/css", "text/csv",
     "text/javascript", "application/javascript", "image/svg+xml", "application/manifest+json"}
)  # fmt: skip
LEAST_BYTES = 1000
LEVEL = 5


def compress(response: Response) -> Response:
    """Compress a large text answer for a client that takes gzip."""
    if response.mimetype not in TEXT or response.status_code >= 300 or response.content_encoding:
        return response
    etag, weak = response.get_etag()
    is_file = response.direct_passthrough
    if etag and not weak and not is_file:
        return response
    response.vary.add("Accept-Encoding")
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return response
    source = response.response
    response.direct_passthrough = False
    body = response.get_data()
    if hasattr(source, "close"):
        # A file that was handed over unread.
        source.close()
    if len(body) >= LEAST_BYTES:
        response.set_data(gzip.compress(body, LEVEL, mtime=0))
        response.content_encoding = "gzip"
        if etag:
            response.set_etag(etag, weak=True)
    return response
