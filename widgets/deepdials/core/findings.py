"""What a check is consistent with, in words, and how they call the arrays."""

from collections.abc import Iterable
from dataclasses import dataclass

from deepdials.core.clues import Clues


@dataclass(frozen=True)
class Finding:
    """Something that a check is consistent with.

    Attributes
    ----------
    words : str
        One or two sentences.
    blocks : tuple of str
        The arrays that it is about, named as in the report: "W1", "b1", ...
    weight : float
        From 0 to 1. Not a probability: it orders the findings, by how much of what is wrong
        they account for, and how exactly.
    """

    words: str
    blocks: tuple[str, ...]
    weight: float


def listed(names: Iterable[str]) -> str:
    """From "W1", "b1", ... to "dW1, db1 and dW2"."""
    *most, last = [f"d{name}" for name in names]
    return f"{', '.join(most)} and {last}" if most else last


def subject(clues: Clues, blocks: tuple[str, ...]) -> str:
    """Blocks as a person would call them, to begin a sentence with."""
    if len(blocks) > 1:
        if set(blocks) == set(clues.report.gradients):
            return "Every dW and db"
        for letter in "Wb":
            if set(blocks) == set(clues.kind(letter)):
                return f"Every d{letter}"
    return listed(blocks)


def are(clues: Clues, blocks: tuple[str, ...]) -> str:
    """Begin a sentence about blocks, with its verb."""
    words = subject(clues, blocks)
    return f"{words} {'is' if len(blocks) == 1 or words.startswith('Every') else 'are'}"
