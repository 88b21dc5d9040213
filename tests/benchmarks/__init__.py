"""Speed, side by side with the usual ways of drawing: `python -m tests.benchmarks`."""

import os

# NumPy reads these when it is imported; the app's kernels run with one thread too.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")
