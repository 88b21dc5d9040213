import io
import zlib

import numpy as np
import pytest
from PIL import Image

from deepdials.panel import png
from deepdials.panel.frames import TILE, changed, frame

RNG = np.random.default_rng(0)


def noise(height, width):
    pixels = RNG.integers(0, 256, (height, width, 4), np.uint8)
    pixels[..., 3] = 255
    return pixels


def opened(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return np.asarray(image)


def painted(canvas, news):
    """What a page shows after painting the rectangles."""
    canvas = canvas.copy()
    for (x, y, w, h), data in zip(news.boxes, news.images, strict=True):
        canvas[y : y + h, x : x + w, :3] = opened(data)
    return canvas


@pytest.mark.parametrize("size", [(1, 1), (3, 7), (400, 1000)])
def test_another_decoder_reads_the_png_back(size):
    pixels = noise(*size)
    np.testing.assert_array_equal(opened(png.encode(pixels)), pixels[..., :3])


def test_a_png_says_what_it_holds():
    data = png.encode(noise(2, 3))
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert data.endswith(zlib.crc32(b"IEND").to_bytes(4, "big"))


def test_the_first_frame_and_one_of_another_size_are_full():
    pixels = noise(50, 70)
    for before in (None, noise(50, 71)):
        news = frame(pixels, before)
        assert news.full
        assert news.boxes == ((0, 0, 70, 50),)


def test_nothing_changed_is_nothing_to_paint():
    pixels = noise(50, 70)
    news = frame(pixels, pixels.copy())
    assert not news.full
    assert news.boxes == news.images == ()


@pytest.mark.parametrize("spots", [1, 5, 40, 4000])
def test_painting_what_changed_gives_the_new_picture(spots):
    before = noise(250, 330)
    after = before.copy()
    after[RNG.integers(0, 250, spots), RNG.integers(0, 330, spots), 0] ^= 255
    news = frame(after, before)
    np.testing.assert_array_equal(painted(before, news), after)


def test_a_small_change_costs_one_tile():
    before = noise(400, 900)
    after = before.copy()
    after[100, 200, 1] ^= 1
    assert changed(after, before) == ((200 // TILE * TILE, 100 // TILE * TILE, TILE, TILE),)


def test_scattered_changes_become_few_rectangles():
    before = np.zeros((640, 640, 4), np.uint8)
    after = before.copy()
    after[:: 2 * TILE, :: 2 * TILE] = 1
    assert len(changed(after, before)) == 1
