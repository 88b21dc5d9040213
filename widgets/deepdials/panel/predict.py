"""Predict before reveal: one click, skippable; the guess stays beside what happened."""

import html
from collections.abc import Sequence

import ipywidgets

from deepdials.lesson import Prediction
from deepdials.panel.parts import button, dressed, prose, row
from deepdials.panel.state import State

SKIPPED = -1


class Predict:
    """Asks one prediction after the other and keeps every guess."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.number = 0
        self.guess: int | None = None
        self.kept: list[str] = []
        self.question = prose("", "deepdials-question-asked")
        self.choices = row(classes=("deepdials-choices",))
        self.outcome = dressed(prose(), "deepdials-outcome")
        self.box = ipywidgets.VBox([self.question, self.choices, self.outcome])
        state.shown.append(self._reveal)

    @property
    def asked(self) -> Prediction:
        """The prediction that is asked now."""
        return self.state.lesson.predictions[self.number]

    def ask(self) -> None:
        """Set the dials to where the prediction starts, and ask."""
        self.state.open(self.asked.before)
        many = len(self.state.lesson.predictions)
        question = html.escape(self.asked.question)
        self.question.value = f"<p><b>{self.number + 1} of {many}.</b> {question}</p>"
        answers = [self._answer(i, text) for i, text in enumerate(self.asked.choices)]
        skip = button("Just show me", lambda: self.choose(SKIPPED), "deepdials-quiet")
        self.choices.children = (*answers, skip)

    def _answer(self, index: int, text: str) -> ipywidgets.Button:
        return button(text, lambda: self.choose(index), f"deepdials-choice-{index}")

    def choose(self, guess: int) -> None:
        """Keep the guess, and move the dials to where the prediction ends."""
        lesson = self.state.lesson
        before = lesson.preset(self.asked.before)
        ready = self.state.result_of == before
        self.before = self.state.result if ready else lesson.result(before)
        self.guess = guess
        self.state.open(self.asked.after)

    def _reveal(self) -> None:
        if self.guess is None:
            return
        if self.state.result_of != self.state.lesson.preset(self.asked.after):
            return
        answer = self.asked.answer(self.before, self.state.result)
        self.kept.append(_verdict(self.asked, self.guess, answer))
        self.guess = None
        self.outcome.value = _listed(self.kept)
        self.choices.children = (self._next(),)

    def _next(self) -> ipywidgets.Button:
        last = self.number + 1 == len(self.state.lesson.predictions)
        return button("Ask again from the first" if last else "Next question", self._go_on)

    def _go_on(self) -> None:
        self.number = (self.number + 1) % len(self.state.lesson.predictions)
        self.ask()


def _verdict(asked: Prediction, guess: int, answer: int) -> str:
    truth = f"It is: <b>{html.escape(asked.choices[answer])}</b>."
    if guess == SKIPPED:
        return f"{html.escape(asked.question)} {truth}"
    mark = "✓" if guess == answer else "✗"
    said = html.escape(asked.choices[guess])
    return f"{mark} {html.escape(asked.question)} You said: {said}. {truth}"


def _listed(kept: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{line}</li>" for line in reversed(kept)) + "</ul>"
