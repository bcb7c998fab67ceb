"""How long `demo` takes to answer, fresh and again, and how much memory it takes when idle."""

import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.running import command, free_port, seconds_until, weight

IDLE = 15


def run() -> list[Figure]:
    """Start-up times in seconds, memory in MB."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        Path(folder).chmod(0o711)  # for root's service user
        port = free_port()
        base, arguments = f"http://127.0.0.1:{port}", ("demo", "--port", str(port), "--data-dir", folder)
        with command(*arguments) as process:
            first = seconds_until(process, f"{base}/")
            whole = first + seconds_until(process, f"{base}/health/ready")
        with command(*arguments) as process:
            later = seconds_until(process, f"{base}/")
            seconds_until(process, f"{base}/health/ready")
            time.sleep(IDLE)
            memory = weight(process.pid)
    return [
        Figure("demo answers, fresh data directory", first, "s", at_most=10),
        Figure("demo is whole, fresh data directory", whole, "s", at_most=60),
        Figure("demo answers, later", later, "s", at_most=3),
        Figure("demo idle, PSS with its database", memory, "MB", at_most=350),
    ]
