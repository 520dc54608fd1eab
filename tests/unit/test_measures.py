"""The counters of /metrics are made once, though a new worker's first requests come several at a time."""

import subprocess
import sys

from gis_app.settings import ROOT

TRY_IT = """
import threading
from gis_app.web.measures import measures
gate, made, faults = threading.Barrier(16), [], []
def first():
    gate.wait()
    try:
        made.append(id(measures()))
    except Exception as error:
        faults.append(error)
threads = [threading.Thread(target=first) for _ in range(16)]
[t.start() for t in threads]
[t.join() for t in threads]
assert not faults, faults
assert len(made) == 16 and len(set(made)) == 1
"""


def test_first_requests_at_once_make_one_set_of_counters() -> None:
    done = subprocess.run([sys.executable, "-c", TRY_IT], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
