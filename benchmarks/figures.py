"""What every benchmark answers: figures with what was promised about them."""

from msgspec import Struct


class Figure(Struct, frozen=True):
    """One measured number; `at_least`, `at_most` are promised, `goal` is where it should get to."""

    name: str
    value: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None
    goal: float | None = None

    @property
    def kept(self) -> bool:
        """True when the promise about it is kept."""
        low = self.at_least is None or self.value >= self.at_least
        return low and (self.at_most is None or self.value <= self.at_most)

    @property
    def promise(self) -> str:
        """The promise in words, '' where there is none."""
        parts = [f"≥ {self.at_least:g}"] if self.at_least is not None else []
        parts += [f"≤ {self.at_most:g}"] if self.at_most is not None else []
        parts += [f"goal {self.goal:g}"] if self.goal is not None else []
        return ", ".join(parts)
