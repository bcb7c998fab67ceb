"""A bar on anything that takes over a second, on standard error, and only where somebody looks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm


@contextmanager
def bar(title: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """A function to be told (done, total) while the block runs."""
    with tqdm(desc=title, unit=f" {unit}", delay=1, disable=None, leave=False) as shown:

        def show(done: int, total: int) -> None:
            shown.total = total
            shown.update(done - shown.n)

        yield show
