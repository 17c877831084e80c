#!/usr/bin/env python3
"""Rows a second that scikit-learn's isolation forest scores on one thread: a reference for `redoubt bench detect`.

usage: isolation_forest.py FILE COLUMNS

FILE holds rows of COLUMNS 32-bit floats, little-endian. Prints one JSON object: rows per second of processor time, over
batches of 256 and all rows at once, and microseconds for a single row. Exits with 3 where scikit-learn is not there.
"""
import json
import os
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"
try:
    import numpy
    import sklearn
    from sklearn.ensemble import IsolationForest
except ImportError:
    sys.exit(3)


def best(work, seconds):
    """The least processor time of several runs."""
    least, until = float("inf"), time.monotonic() + seconds
    while time.monotonic() < until or least == float("inf"):
        start = time.process_time()
        work()
        least = min(least, time.process_time() - start)
    return least


rows = numpy.fromfile(sys.argv[1], dtype="<f4").reshape(-1, int(sys.argv[2]))
forest = IsolationForest(n_estimators=100, max_samples=256, random_state=1, n_jobs=1).fit(rows)
batches = [rows[start:start + 256] for start in range(0, min(len(rows), 256 * 16), 256)]
in_batches = best(lambda: [forest.score_samples(batch) for batch in batches], 2)
at_once = best(lambda: forest.score_samples(rows), 2)
one = best(lambda: [forest.score_samples(rows[i:i + 1]) for i in range(20)], 1)
print(json.dumps({
    "version": sklearn.__version__,
    "rows_per_s_batch_256": sum(map(len, batches)) / in_batches,
    "rows_per_s_at_once": len(rows) / at_once,
    "single_row_us": one / 20 * 1e6,
}))
