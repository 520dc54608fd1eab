"""A group stands at a stage, or beyond it."""

from gis_app.queries.task_measures.base import Measure, Option
from layers.groups import STAGES

# The order of task_stage_rank() in the database; a lapsed or not selected group stands at 0.
RANKS = {"cleaning": 1, "building": 2, "proposed": 3, "recognised": 4, "maintained": 5}

measure = Measure(
    title=("Tổ đạt giai đoạn (hoặc cao hơn)", "Group at a stage or beyond"),
    place="group",
    unit="rank",
    option=Option("stage", ("Giai đoạn", "Stage"), tuple(c for c in STAGES if c.code in RANKS)),
    ranks=RANKS,
)
