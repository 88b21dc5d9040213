"""What every lesson promises, checked on each of them; also run at the floor versions."""

import inspect
import io

import numpy as np
import pytest
from matplotlib.collections import Collection
from matplotlib.image import imread
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon

from deepdials import style
from deepdials.dials import Slider
from deepdials.lessons import LESSONS
from deepdials.panel import export
from deepdials.panel.stage import Stage, movers

pytestmark = pytest.mark.contract
WIDTHS = (1000, 360)


@pytest.fixture(params=LESSONS.values(), ids=LESSONS.keys())
def lesson(request):
    return request.param


def stage(lesson, palette=style.LIGHT, width=WIDTHS[0], ratio=1.0):
    return Stage(lesson.picture, palette, width, ratio)


def ends(lesson):
    """Every dial at each of its ends, the others as they open."""
    for name, dial in lesson.dials.items():
        for value in dial.ends():
            yield lesson.settings(**{name: value})


def presets(lesson):
    return [lesson.preset(preset.dials) for preset in lesson.presets]


def settings(lesson):
    return [*presets(lesson), *ends(lesson)]


def data_of(artist):
    if isinstance(artist, Line2D):
        return artist.get_xydata()
    if isinstance(artist, Polygon):
        return artist.get_xy()
    return artist.get_offsets() if isinstance(artist, Collection) else np.zeros(0)


def test_dials_are_the_parameters_of_compute(lesson):
    assert set(lesson.dials) == set(inspect.signature(lesson.compute).parameters)


def test_defaults_and_presets_are_values_that_the_dials_allow(lesson):
    for name, dial in lesson.dials.items():
        assert dial.check(dial.default) == dial.default, name
    assert len(settings(lesson)) > len(lesson.presets)


def test_the_lecture_comes_first_and_every_preset_says_why(lesson):
    assert lesson.presets[0].kind == "lecture"
    assert len({preset.slug for preset in lesson.presets}) == len(lesson.presets)
    assert all(preset.why.endswith(".") for preset in lesson.presets)


def test_a_link_carries_every_value_exactly(lesson):
    for values in settings(lesson):
        for name, value in values.items():
            assert lesson.parse(name, lesson.dials[name].link(value)) == value


def test_the_same_dials_give_the_same_words(lesson):
    for values in presets(lesson):
        assert lesson.caption(lesson.result(values)) == lesson.caption(lesson.result(values))


def test_captions_are_sentences_without_nonsense(lesson):
    for values in settings(lesson):
        said = lesson.caption(lesson.result(values))
        assert said.endswith(".")
        assert not {"nan", "inf", "None", "not a number"} & set(said.split())


@pytest.mark.parametrize("palette", style.PALETTES.values(), ids=style.PALETTES.keys())
def test_any_path_ends_in_the_pixels_of_a_fresh_picture(lesson, palette):
    moved = stage(lesson, palette)
    rng = np.random.default_rng(0)
    walk = [settings(lesson)[i] for i in rng.permutation(len(settings(lesson)))]
    for values in walk:
        pixels = moved.draw(lesson.result(values))
        fresh = stage(lesson, palette).draw(lesson.result(values))
        np.testing.assert_array_equal(pixels, fresh, str(dict(values)))


@pytest.mark.parametrize("width", WIDTHS)
def test_the_screen_shows_the_pixels_of_the_saved_file(lesson, width):
    for values in presets(lesson):
        result = lesson.result(values)
        saved = export.picture(lesson, result, "png", style.DARK, width, 1.0)
        screen = stage(lesson, style.DARK, width).draw(result)
        read = (imread(io.BytesIO(saved)) * 255).round().astype(np.uint8)
        np.testing.assert_array_equal(screen, read, str(dict(values)))


def test_sliders_move_artists_and_never_the_stage(lesson):
    for name, dial in lesson.dials.items():
        if isinstance(dial, Slider):
            set_once = stage(lesson)
            for value in (*dial.ends(), dial.default, dial.snap((dial.low + dial.high) / 3)):
                set_once.draw(lesson.result(lesson.settings(**{name: value})))
            assert set_once.redraws == 1, name


def test_showing_creates_and_removes_no_artist(lesson):
    shown = stage(lesson)
    before = [axes.get_children() for axes in shown.figure.axes]
    for values in settings(lesson):
        shown.draw(lesson.result(values))
    assert [axes.get_children() for axes in shown.figure.axes] == before


@pytest.mark.parametrize("width", WIDTHS)
def test_every_preset_and_every_end_gives_a_finite_picture(lesson, width):
    shown = stage(lesson, width=width)
    for values in settings(lesson):
        shown.draw(lesson.result(values))
        for artist in (artist for axes in shown.figure.axes for artist in movers(axes)):
            assert np.isfinite(data_of(artist)).all(), (artist, dict(values))


def test_every_dial_changes_picture_or_words_in_some_preset(lesson):
    shown = stage(lesson)

    def seen(values):
        result = lesson.result(values)
        return shown.draw(result).tobytes(), lesson.caption(result)

    for name, dial in lesson.dials.items():
        other = [value for value in dial.ends() if value != dial.default]
        assert any(
            seen(values) != seen(lesson.settings(values, **{name: value}))
            for values in presets(lesson)
            if dial.active(values)
            for value in other
        ), name


def test_movers_stay_out_of_the_layout(lesson):
    for axes in stage(lesson).figure.axes:
        framed = set(axes.spines.values())
        kept = [
            artist for artist in movers(axes) if artist not in framed and artist.get_in_layout()
        ]
        assert not kept


def test_there_are_three_predictions_and_each_has_one_right_answer(lesson):
    assert len(lesson.predictions) >= 3
    for asked in lesson.predictions:
        before = lesson.result(lesson.preset(asked.before))
        after = lesson.result(lesson.preset(asked.after))
        assert len(set(asked.choices)) == len(asked.choices) > 1
        assert asked.answer(before, after) in range(len(asked.choices))


def test_a_result_is_a_table_with_the_dials_in_its_header(lesson):
    values = lesson.defaults
    text = export.table(lesson, values, lesson.result(values)).decode()
    assert all(
        f"# {name} = {lesson.dials[name].link(value)}\n" in text for name, value in values.items()
    )
    assert "\nfield,i,j,k,value\n" in text
