"""Compile before the first question: a worker calls this when it starts."""

import dataclasses
import functools

import numpy as np

from gis_app.analysis.patrol.problem import make_problem
from gis_app.analysis.patrol.search import plan_routes


@functools.cache
def warm_up() -> None:
    """Compile everything, or load it from the cache: seconds the first time, less than one after; once a process."""
    steps = np.abs(np.arange(6.0)[:, None] - np.arange(6.0))
    ends = np.zeros(1, np.int64)
    tiny = make_problem(np.array([0, 1, 1, 1, 1, 1.0]), steps, ends, ends, np.array([7.0]))
    plan_routes(dataclasses.replace(tiny, close_s=np.full(6, 6.0)), iterations=1, time_limit_s=60)
