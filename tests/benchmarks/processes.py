"""What the kernel's process costs, read from outside."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.serving import children

LINUX = sys.platform == "linux"


def below(pid: int) -> Iterator[int]:
    """Yield every process that descends from ``pid``."""
    for child in children(pid):
        yield child
        yield from below(child)


def ps(pid: int, column: str) -> str:
    done = subprocess.run(
        ["ps", "-p", str(pid), "-o", f"{column}="], capture_output=True, text=True
    )
    return done.stdout.strip()


def kernel() -> int:
    """Return the newest kernel that was started from here."""
    kernels = [pid for pid in below(os.getpid()) if "ipykernel" in ps(pid, "command")]
    if not kernels:
        raise RuntimeError("no kernel runs")
    return max(kernels)


def cpu(pid: int) -> float:
    """Return the CPU seconds that a process has taken so far, all its threads together."""
    if LINUX:
        # The name of the program, in brackets, may hold spaces.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    seconds = 0.0
    for part in ps(pid, "time").replace("-", ":").split(":"):
        seconds = 60 * seconds + float(part)
    return seconds


def pss(pid: int) -> float | None:
    """Return the proportional set size in MiB, where the system tells it."""
    if not LINUX:
        return None
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
