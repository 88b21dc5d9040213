"""A lesson in a browser, by the names that its page gives to everything."""

import re
from functools import cached_property

from playwright.sync_api import Download, Locator, Page, expect

PATIENCE = 20_000
SLUG = "numerical-gradients"
START = "At theta = 1 and epsilon = 0.01, one nudge gives 3.0301"

# What is painted, once the canvas has the page's width and two looks agree.
PAINTED = """async (canvas, pause) => {
  const look = () => [canvas.dataset.frame, canvas.width, canvas.toDataURL()].join();
  const fits = () =>
    Math.abs(canvas.width - canvas.parentElement.clientWidth * devicePixelRatio) < 2;
  const end = performance.now() + 20000;
  let before = "";
  while (!canvas.dataset.frame || !fits() || look() !== before) {
    if (performance.now() > end) throw new Error("the picture does not come to rest");
    before = look();
    await new Promise((done) => setTimeout(done, pause));
  }
  return canvas.toDataURL();
}"""
# Longer than the page waits after a change of width or theme.
PAUSE = 250

SHOWS = "([canvas, pixels, same]) => (canvas.toDataURL() === pixels) === same"
CORNER = """canvas => "#" + [...canvas.getContext("2d").getImageData(1, 1, 1, 1).data]
  .slice(0, 3).map((v) => v.toString(16).padStart(2, "0")).join("")"""


def centre(part: Locator) -> tuple[float, float]:
    """Return where the middle of a part is in the window."""
    box = part.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


class LessonPage:
    """One lesson on a page; ``which`` tells several views of it apart."""

    def __init__(self, page: Page, slug: str = SLUG, which: int = 0) -> None:
        self.page = page
        self.root = page.locator(f".deepdials[data-lesson={slug}]").nth(which)
        self.canvas = self.root.locator(".deepdials-picture canvas")
        self.caption = self.root.get_by_role("status")
        self.alert = self.root.get_by_role("alert")
        self.pinned = self.root.locator(".deepdials-pinned")
        self.pin = self.root.locator(".deepdials-pin")
        self.reset = self.root.locator(".deepdials-reset")
        self.link = self.root.locator(".deepdials-link code").first
        self.outcome = self.root.locator(".deepdials-outcome")

    def ready(self) -> "LessonPage":
        """Wait until the first picture is there."""
        expect(self.canvas).to_have_attribute("data-frame", re.compile(r"\d"), timeout=PATIENCE)
        expect(self.caption).not_to_be_empty()
        return self

    def start_again(self) -> "LessonPage":
        """Put everything back to where a new page has it."""
        for fold in self.root.locator("[data-fold][aria-expanded=true]").all():
            fold.click()
        self.reset.click()
        expect(self.caption).to_contain_text(START)
        # What the kernel says last.
        expect(self.chip("lecture")).to_have_attribute("aria-pressed", "true")
        self.page.mouse.move(1, 1)
        return self

    def dial(self, name: str) -> Locator:
        return self.root.locator(f"[data-dial={name}]")

    def slider(self, name: str) -> Locator:
        return self.dial(name).get_by_role("slider")

    def box(self, name: str) -> Locator:
        return self.dial(name).get_by_role("textbox")

    def chip(self, slug: str) -> Locator:
        return self.root.locator(f"[data-preset={slug}]")

    def fold(self, slug: str) -> Locator:
        return self.root.locator(f"[data-fold={slug}]")

    def choice(self, index: int) -> Locator:
        return self.root.locator(f".deepdials-choice-{index}")

    def type(self, name: str, text: str) -> None:
        """Type a value into a dial's box."""
        self.box(name).fill(text)
        self.box(name).press("Enter")

    def open_fold(self, slug: str) -> None:
        self.fold(slug).click()
        expect(self.fold(slug)).to_have_attribute("aria-expanded", "true")

    def pixels(self) -> str:
        """Return the picture, as a PNG in a URL, once it has come to rest."""
        expect(self.caption).to_have_text(self.canvas.get_attribute("aria-label") or "")
        return self.canvas.evaluate(PAINTED, PAUSE)

    def expect_pixels(self, pixels: str, *, same: bool = True) -> None:
        """Wait until the picture is, or is no longer, what it was."""
        handle = self.canvas.element_handle()
        self.page.wait_for_function(SHOWS, arg=[handle, pixels, same], timeout=PATIENCE)

    def expect_corner(self, colour: str) -> None:
        """Wait until the picture's paper has a colour."""
        self.page.wait_for_function(
            f"([canvas, colour]) => ({CORNER})(canvas) === colour",
            arg=[self.canvas.element_handle(), colour],
            timeout=PATIENCE,
        )

    def save(self, kind: str) -> Download:
        """Press a button that saves a file."""
        with self.page.expect_download() as caught:
            self.root.get_by_role("button", name=f"Save {kind}").click()
        return caught.value

    @cached_property
    def panes(self) -> list[list[float]]:
        """Left, top, right and bottom of what can be dragged, in CSS px of the canvas."""
        return self.canvas.evaluate("canvas => canvas.handles")

    def point(self, pane: int, across: float, down: float = 0.5) -> tuple[float, float]:
        """Return where a share of a pane's width and height is in the window."""
        box = self.canvas.bounding_box()
        assert box
        left, top, right, bottom = self.panes[pane]
        return box["x"] + left + across * (right - left), box["y"] + top + down * (bottom - top)

    def drag(self, *points: tuple[float, float]) -> None:
        """Move the mouse from point to point, the button held down."""
        mouse = self.page.mouse
        mouse.move(*points[0])
        mouse.down()
        for point in points[1:]:
            mouse.move(*point, steps=12)
        mouse.up()
