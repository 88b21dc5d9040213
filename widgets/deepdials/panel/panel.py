"""A whole lesson on a page: everything that belongs to one lesson, wired together."""

import html
import logging
import random
from typing import Any
from urllib.parse import parse_qsl

import ipywidgets

from deepdials import style
from deepdials.dials import Slider, Values
from deepdials.lesson import Lesson
from deepdials.panel import sources
from deepdials.panel.controls import Marks, control
from deepdials.panel.find_line import FindLine
from deepdials.panel.folds import Build, Folds
from deepdials.panel.parts import button, dressed, paragraphs, prose, row
from deepdials.panel.picture import Page, PictureWidget
from deepdials.panel.predict import Predict
from deepdials.panel.presets import Presets
from deepdials.panel.runner import Runner
from deepdials.panel.save import Save
from deepdials.panel.stage import Stage
from deepdials.panel.state import State


class Panel:
    """One lesson, open.

    Parameters
    ----------
    lesson
        What is taught.
    values
        Where the dials stand at first.
    result
        What ``compute`` gives there, if it is known already.
    follow_link
        Whether the dials in the page's own address are followed: in the app they are, in a
        notebook the address is Jupyter's.
    """

    def __init__(
        self, lesson: Lesson, values: Values, result: Any = None, *, follow_link: bool = False
    ) -> None:
        self.state = State(lesson, values)
        self._follow_link = follow_link
        self._page: Page | None = None
        self._stage: Stage | None = None
        self.picture = PictureWidget()
        self._runner = Runner(lesson, self.state.show, self._progress, self._failed)
        self._make_parts()
        self.widget = self._laid_out()
        self._listen()
        if result is None:
            self._runner.run(values)
        else:
            self.state.show(values, result)

    def _make_parts(self) -> None:
        state = self.state
        self.controls = {name: control(name, state) for name in state.lesson.dials}
        self.presets = Presets(state)
        self.predict = Predict(state)
        self.save = Save(state, self.picture, in_app=self._follow_link)
        self.notice = prose("", "deepdials-alert")
        self.pinned = prose("", "deepdials-pinned")
        self.pin_button = button("Pin as A", self.pin, "deepdials-pin")
        self.folds = Folds(self._folded(), self._follow)

    def _folded(self) -> dict[str, tuple[str, Build]]:
        lesson = self.state.lesson
        folded: dict[str, tuple[str, Build]] = {}
        if lesson.predictions:
            folded["predict"] = ("Predict", self._open_predictions)
        if listing := lesson.listing:
            folded["listing"] = ("Find the line", lambda: FindLine(self.state, listing).box)
        if lesson.sources.functions:
            folded["numpy"] = ("The NumPy behind it", self._open_sources)
        if lesson.note:
            folded["teacher"] = ("For the teacher", self._open_note)
        return folded | {"save": ("Save and link", lambda: self.save.box)}

    def _laid_out(self) -> ipywidgets.Widget:
        lesson = self.state.lesson
        title, question = html.escape(lesson.title), html.escape(lesson.question)
        # In the app, the way to the other lessons says where we are.
        over = "" if self._follow_link else f"<p>{title}</p>"
        header = prose(f"<h2>{question}</h2>{over}", "deepdials-header")
        actions = [button("Reset", self.reset, "deepdials-reset"), self.pin_button]
        if "seed" in lesson.dials:
            actions.append(button("New sample", self.new_sample, "deepdials-sample"))
        dials = [one.box for one in self.controls.values()]
        left = dressed(ipywidgets.VBox([*dials, row(*actions)]), "deepdials-dials")
        seen = [self.picture, self.pinned]
        right = dressed(ipywidgets.VBox(seen), "deepdials-seen")
        body = dressed(ipywidgets.Box([left, right]), "deepdials-body")
        parts = [header, self.presets.box, self.notice, body, self.folds.box]
        return dressed(ipywidgets.VBox(parts), "deepdials")

    def _listen(self) -> None:
        self.state.moved.append(self._moved)
        self.state.shown.append(self._follow)
        self.state.refused.append(self._refused)
        self.picture.pages.append(self._turned)
        self.picture.presses.append(self._pressed)

    def reset(self) -> None:
        """Set every dial to its default and lift the pin."""
        if self.state.pinned:
            self.pin()
        self.notice.value = ""
        self.state.open({})

    def new_sample(self) -> None:
        """Draw another seed; the dial shows which."""
        lowest, highest = self.state.lesson.dials["seed"].ends()
        self.state.move(seed=random.randint(int(lowest), int(highest)))

    def pin(self) -> None:
        """Keep today's picture as A under all that follow, or lift it."""
        state = self.state
        if state.result_of is None:
            return
        state.pinned = None if state.pinned else (state.result_of, state.result)
        self.pin_button.description = "Lift the pin" if state.pinned else "Pin as A"
        self.pinned.value = html.escape(self._said_of_pin())
        if self._stage:
            self._stage.forget()
        self._tell()

    def _moved(self) -> None:
        self.notice.value = ""
        for one in self.controls.values():
            one.follow()
        self.presets.follow()
        self._runner.run(self.state.values)
        if self.state.lesson.slow:
            self._tell()

    def _follow(self) -> None:
        self._tell()
        if self.folds.opened == "save":
            self.save.follow()

    def _tell(self) -> None:
        """Tell the page, once there is one, how things stand."""
        if self._stage is None:
            return
        if self.state.result_of is None:
            self.picture.tell(None, None, "", self._marks())
            return
        pinned = self.state.pinned[1] if self.state.pinned else None
        pixels = self._stage.draw(self.state.result, pinned)
        said = self.state.lesson.caption(self.state.result)
        self.picture.tell(self._stage, pixels, said, self._marks())

    def _said_of_pin(self) -> str:
        if not self.state.pinned:
            return ""
        lesson, (values, result) = self.state.lesson, self.state.pinned
        where = ", ".join(f"{name} = {lesson.dials[name].write(v)}" for name, v in values.items())
        drawn = "" if lesson.picture.opaque else ", in grey"
        return f"A{drawn} ({where}): {lesson.caption(result)}"

    def _marks(self) -> Marks:
        lesson = self.state.lesson
        marks: Marks = {
            "": {
                "data-lesson": lesson.slug,
                "role": "region",
                "aria-label": lesson.title,
            },
            ".deepdials-alert": {"role": "alert"},
        }
        for one in self.controls.values():
            marks |= one.marks()
        return marks | self.presets.marks() | self.folds.marks()

    def _turned(self, page: Page) -> None:
        """Meet a page, or the same one at another width, pixel ratio or theme."""
        if self._follow_link and self._page is None:
            asked = [(k, v) for k, v in parse_qsl(page.search[1:]) if k in self.state.lesson.dials]
            self.state.follow(asked)
        if self._page != page:
            self._page = page
            self.save.palette = style.PALETTES[page.theme]
            kind = self.state.lesson.picture
            self._stage = Stage(kind, self.save.palette, page.width, page.ratio)
        self._tell()

    def _pressed(self, x: float, y: float, start: tuple[float, float]) -> None:
        if self._stage:
            asked = self._stage.pick(x, y, start)
            self.state.move(**{name: self._on_grid(name, v) for name, v in asked.items()})

    def _on_grid(self, name: str, value: Any) -> Any:
        dial = self.state.lesson.dials[name]
        return dial.snap(value) if isinstance(dial, Slider) else value

    def _progress(self, share: float) -> None:
        self.picture.progress = share

    def _refused(self, why: str) -> None:
        self.notice.value = html.escape(why)

    def _failed(self, error: Exception) -> None:
        logging.getLogger(__name__).error("compute failed", exc_info=error)
        self._refused("This setting could not be computed. The dials still work.")

    def _open_predictions(self) -> ipywidgets.Widget:
        self.predict.ask()
        return self.predict.box

    def _open_sources(self) -> ipywidgets.Widget:
        return prose(sources.shown(self.state.lesson.sources), "deepdials-prose")

    def _open_note(self) -> ipywidgets.Widget:
        return prose(paragraphs(self.state.lesson.note), "deepdials-prose")
