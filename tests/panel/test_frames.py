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
    """What a page shows after painting a frame."""
    image = opened(news.image)
    canvas = canvas.copy()
    if news.full:
        canvas[..., :3] = image
    for i, (x, y) in enumerate(news.tiles):
        left, top = i % news.across * TILE, i // news.across * TILE
        canvas[y : y + TILE, x : x + TILE, :3] = image[top : top + TILE, left : left + TILE]
    return canvas


@pytest.mark.parametrize("size", [(1, 1), (3, 7), (400, 1000)])
def test_another_decoder_reads_the_png_back(size):
    pixels = noise(*size)
    np.testing.assert_array_equal(opened(png.encode(pixels)), pixels[..., :3])


def test_a_png_ends_with_the_checksum_of_its_last_chunk():
    data = png.encode(noise(2, 3))
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert data.endswith(zlib.crc32(b"IEND").to_bytes(4, "big"))


def test_the_first_frame_and_one_of_another_size_are_full():
    pixels = noise(50, 70)
    for before in (None, noise(50, 71)):
        news = frame(pixels, before)
        assert news.full
        np.testing.assert_array_equal(opened(news.image), pixels[..., :3])


def test_nothing_changed_is_no_tile():
    pixels = noise(50, 70)
    news = frame(pixels, pixels.copy())
    assert not news.full
    assert news.tiles == ()


@pytest.mark.parametrize("spots", [1, 5, 40, 4000])
@pytest.mark.parametrize("size", [(250, 330), (256, 320), (17, 400)])
def test_painting_what_changed_gives_the_new_picture(size, spots):
    before = noise(*size)
    after = before.copy()
    after[RNG.integers(0, size[0], spots), RNG.integers(0, size[1], spots), 0] ^= 255
    np.testing.assert_array_equal(painted(before, frame(after, before)), after)


def test_a_small_change_costs_one_tile():
    before = noise(400, 900)
    after = before.copy()
    after[100, 200, 1] ^= 1
    assert changed(after, before).tolist() == [[200 // TILE * TILE, 100 // TILE * TILE]]
    assert len(frame(after, before).image) < 4 * TILE * TILE


def test_when_most_has_changed_the_frame_is_full():
    before = noise(320, 320)
    assert frame(noise(320, 320), before).full
