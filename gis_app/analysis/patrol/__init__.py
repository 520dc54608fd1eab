"""Patrol planning: team orienteering with service times, time windows and asymmetric travel times."""

from gis_app.analysis.patrol.plan import PatrolPlan, follow
from gis_app.analysis.patrol.problem import PatrolProblem, check_problem, make_problem
from gis_app.analysis.patrol.search import plan_routes
from gis_app.analysis.patrol.warm_up import warm_up

__all__ = [
    "PatrolPlan",
    "PatrolProblem",
    "check_problem",
    "follow",
    "make_problem",
    "plan_routes",
    "warm_up",
]
