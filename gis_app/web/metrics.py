"""/metrics for Prometheus: counts of all workers together. The proxy does not pass it on (deploy/nginx.conf)."""

import os

from flask import Blueprint, Response

from gis_app.web.context import public
from gis_app.web.measures import FOLDER_VARIABLE, measures

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
@public
def show_metrics() -> Response:
    """Counts and times by endpoint, tiles, connections in use; no path, commune or person."""
    # Here, not above: the library looks for the workers' folder when it is imported.
    from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest  # noqa: PLC0415
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

    measures()
    registry = REGISTRY
    if os.environ.get(FOLDER_VARIABLE):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
