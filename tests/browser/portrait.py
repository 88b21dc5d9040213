"""Take the picture in README: `make picture`."""

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from tests.browser.chromium import FLAGS, find
from tests.serving import running

PORTRAIT = Path(__file__).parents[2] / "docs" / "numerical-gradients.png"


def main() -> None:
    with TemporaryDirectory() as home, running(Path(home)) as app, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1366, "height": 680}, device_scale_factor=1.5)
        page.goto(app.url)
        page.locator(".deepdials-picture canvas[data-frame]").wait_for()
        page.screenshot(path=PORTRAIT)
        browser.close()


if __name__ == "__main__":
    main()
