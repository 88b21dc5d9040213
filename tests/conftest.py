"""What every test needs: one thread a worker, and no settings of whoever runs it."""

import os
from collections.abc import Iterator

import pytest

# NumPy reads these when it is imported; workers with as many threads as cores stall each other.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")
os.environ["MPLBACKEND"] = "agg"
# Without it jupyter_core warns that its folders will move.
os.environ["JUPYTER_PLATFORM_DIRS"] = "1"


@pytest.fixture(scope="session", autouse=True)
def own_jupyter_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Servers and kernels under test read no one's settings."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        yield
