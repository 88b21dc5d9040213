"""The lesson against the course's own numbers and code, and its words against its numbers."""

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from deepdials import style
from deepdials.core.bugs import BUGS, listing
from deepdials.core.gradient_checking import check_gradients
from deepdials.core.parameters import to_parameters, to_vector
from deepdials.lessons.gradient_checking import LESSON
from deepdials.lessons.gradient_checking.compute import EPSILONS
from deepdials.lessons.gradient_checking.lines import TOO_MUCH, find_line
from deepdials.lessons.gradient_checking.presets import PREDICTIONS
from deepdials.lessons.gradient_checking.problems import NETWORKS, problem
from deepdials.lessons.gradient_checking.setting import hidden
from deepdials.notation import number
from deepdials.panel import export
from deepdials.panel.stage import Stage

PRESETS = {preset.slug: preset for preset in LESSON.presets}
FALSE_ALARMS = ("rounding", "kink", "float32", "deep")
FALSE_PASSES = ("small-weights", "b-is-zero", "dead")
GREAT = 1e-7
RULE = ((1e-7, "great"), (1e-5, "look closer"), (1e-3, "worry"), (1, "a bug is likely"))
OPTIONS = [slug for slug in LESSON.dials["bug"].options if slug in BUGS]


@cache
def computed(items):
    return LESSON.result(dict(items))


def at(**dials):
    return computed(tuple(LESSON.settings(**dials).items()))


def preset(slug, **changes):
    return at(**{**PRESETS[slug].dials, **changes})


def right(slug):
    """Return the same setting with right code."""
    return preset(slug, bug="none")


def moved_settings():
    rng = np.random.default_rng(3)
    dials = LESSON.dials
    for _ in range(40):
        one = {name: str(rng.choice(dials[name].ends())) for name in ("bug", "method", "factor")}
        one["network"] = str(rng.choice(["exercise", "square", "wide"]))
        one["activation"] = str(rng.choice(["relu", "tanh", "sigmoid"]))
        one["epsilon"] = dials["epsilon"].snap(10 ** rng.uniform(-12, -1))
        one["scale"] = dials["scale"].snap(10 ** rng.uniform(-3, 1))
        one["lambd"] = dials["lambd"].snap(rng.choice([0, rng.uniform(0, 2)]))
        one["keep_prob"] = dials["keep_prob"].snap(rng.choice([1, rng.uniform(0.3, 1)]))
        one["component"] = str(rng.choice(["worst", "W1[0, 0]", "b2[1]", "W3[9, 9]"]))
        one["number"] = int(rng.integers(1, 201))
        yield LESSON.settings(**one)


# The course's exercise, written as the course writes it.


def course_J(parameters):
    A = np.random.RandomState(1).randn(4, 3)
    for layer in (1, 2, 3):
        Z = parameters[f"W{layer}"] @ A + parameters[f"b{layer}"]
        A = np.maximum(Z, 0) if layer < 3 else 1 / (1 + np.exp(-Z))
    Y = np.array([[1, 1, 0]])
    return np.sum(-np.log(A) * Y - np.log(1 - A) * (1 - Y)) / 3


EXERCISE = problem("exercise", "relu", 1.0, 1.0)


def test_the_courses_difference():
    assert at().check.difference == pytest.approx(0.2850931567, rel=1e-8)
    assert len(at().check.names) == 47


@pytest.mark.parametrize(
    ("mended", "difference"),
    [({"b1": 4}, 0.1734419689), ({"W2": 2}, 0.2544229712), ({}, 0.2850931567)],
)
def test_the_courses_own_cost_gives_its_numbers_as_its_bugs_are_mended(mended, difference):
    planted = to_parameters(at().check.grad, EXERCISE.parameters)
    grad = {name: array / mended.get(name, 1) for name, array in planted.items()}
    report = check_gradients(course_J, EXERCISE.parameters, grad)
    assert report.difference == pytest.approx(difference, rel=1e-8)


def test_right_code_is_above_the_line_at_1e_7_by_rounding_and_far_below_at_1e_5():
    assert 5e-8 < preset("rounding").check.difference < 3e-7
    assert 5e-10 < preset("larger-epsilon").check.difference < 2e-9
    assert preset("from-logits").check.difference < GREAT / 10


def test_a_million_times_J_leaves_the_difference():
    here, there = at().check, preset("times-a-million").check
    assert there.difference == pytest.approx(here.difference, rel=1e-6)
    np.testing.assert_allclose(there.grad, 1e6 * here.grad)
    np.testing.assert_allclose(there.gradapprox, 1e6 * here.gradapprox)


@pytest.mark.parametrize("bug", ["none", "half-penalty"])
def test_two_sided_is_the_loop_of_the_core(bug):
    setup = problem("square", "tanh", 1.0, 1.0)
    dials = {"network": "square", "activation": "tanh", "epsilon": 1e-4, "lambd": 0.7}
    check = at(bug=bug, method="two-sided", **dials).check
    loop = check_gradients(
        lambda p: setup.net.cost(p, setup.X, setup.Y, 0.7),
        setup.parameters,
        to_parameters(check.grad, setup.parameters),
        1e-4,
    )
    np.testing.assert_allclose(to_vector(loop.gradapprox), check.gradapprox, atol=1e-11)
    assert check.difference == pytest.approx(loop.difference, rel=1e-3)
    assert check.suspects == loop.suspects


# What each preset shows.


@pytest.mark.parametrize("slug", FALSE_ALARMS)
def test_a_false_alarm_is_one_and_the_exact_check_passes(slug):
    alarm, exact = preset(slug), preset(slug, method="exact")
    assert alarm.bug is None
    assert alarm.check.difference > GREAT
    assert exact.check.difference < max(1e-12, exact.check.floor) < 1e-9
    assert exact.check.suspects == ()


@pytest.mark.parametrize("slug", ["rounding", "float32", "deep"])
def test_rounding_explains_what_is_blamed_on_it(slug):
    assert preset(slug).check.difference < preset(slug).check.floor
    assert "which rounding alone explains" in LESSON.caption(preset(slug))


@pytest.mark.parametrize("slug", FALSE_PASSES)
def test_a_false_pass_is_one(slug):
    passed = preset(slug)
    assert passed.bug is not None
    assert passed.check.difference <= GREAT
    assert passed.check.suspects == ()


@pytest.mark.parametrize(
    ("slug", "changes"),
    [("small-weights", {"scale": 1.0}), ("dead", {"scale": 1.0})],
)
def test_a_false_pass_fails_where_the_mistake_shows(slug, changes):
    assert preset(slug, **changes).check.difference > 1e-3


@pytest.mark.parametrize("slug", ["b-is-zero", "dead"])
def test_what_cannot_show_at_this_theta_gives_the_right_gradients(slug):
    np.testing.assert_array_equal(preset(slug).check.grad, right(slug).check.grad)


def test_small_weights_hide_a_mistake_that_is_there():
    assert (preset("small-weights").check.grad != right("small-weights").check.grad).any()


def test_on_the_kink_b2_alone_is_off_and_gets_a_half():
    at_kink = problem("square", "relu", 1.0, 1.0)
    A1 = at_kink.net.forward(at_kink.parameters, at_kink.X).A[1]
    assert 0 < (A1 == 0).all(axis=0).sum() < A1.shape[1]
    check = preset("kink").check
    assert check.suspects == ("b2",)
    off = {name for name, e in zip(check.names, check.relative_error, strict=True) if e > 1e-5}
    assert off and all(name.startswith("b2[") for name in off)


def test_only_the_biases_are_off_without_m_in_db():
    check = preset("db-only").check
    assert check.suspects == ("b1", "b2", "b3")
    is_b = np.array([name.startswith("b") for name in check.names])
    assert check.relative_error[is_b] == pytest.approx(np.full(is_b.sum(), 15 / 17), rel=1e-5)
    assert (check.relative_error[~is_b] < 1e-5).all()


def test_above_a_wrong_slope_all_is_right():
    check = preset("upstream").check
    assert check.suspects == ("W1", "b1", "W2", "b2")
    above = np.array([name[1] == "3" for name in check.names])
    np.testing.assert_array_equal(check.grad[above], right("upstream").check.grad[above])
    assert np.median(check.relative_error[~above]) > 0.01


def test_the_presets_of_the_lie_are_the_ones_named_so():
    assert {s for s, p in PRESETS.items() if p.label.startswith("false pass")} == {*FALSE_PASSES}
    named = {s for s, p in PRESETS.items() if p.label.startswith("false alarm")}
    assert named | {"rounding"} == {*FALSE_ALARMS}


@pytest.mark.parametrize(
    ("prediction", "answer"),
    [
        (0, "the columns of b only"),
        (1, "it stays"),
        (2, "it passes: at most 1e-7"),
        (3, "it fails: above 1e-7"),
    ],
)
def test_the_answers_to_the_predictions(prediction, answer):
    asked = PREDICTIONS[prediction]
    before, after = (LESSON.result(LESSON.preset(dials)) for dials in (asked.before, asked.after))
    assert asked.choices[asked.answer(before, after)] == answer


# The surprise.


def surprise(n, **dials):
    return LESSON.settings(PRESET_OF_SURPRISE, **{**dials, "number": n})


PRESET_OF_SURPRISE = LESSON.preset(PRESETS["surprise"].dials)


def slug_of(result):
    return result.bug.slug if result.bug else "none"


def test_the_number_of_a_surprise_decides_and_nothing_else_is_needed():
    first = [slug_of(at(**surprise(n))) for n in range(1, 61)]
    computed.cache_clear()
    hidden.cache_clear()
    assert [slug_of(at(**surprise(n))) for n in range(1, 16)] == first[:15]
    assert "none" in first
    assert len({*first} - {"none"}) >= 10


def test_a_surprise_shows_or_is_none():
    for n in range(1, 61):
        result = at(**surprise(n))
        wrong = (result.check.grad != at(**{**surprise(n), "bug": "none"}).check.grad).any()
        assert wrong == (result.bug is not None)
        assert wrong == bool(find_line(result).mended)


@pytest.mark.parametrize("moved", [{"lambd": 0.0}, {"scale": 2.0}])
def test_a_surprise_stays_what_it_is_while_it_can_show(moved):
    before = {n: slug_of(at(**surprise(n))) for n in range(1, 61)}
    after = {n: slug_of(at(**surprise(n, **moved))) for n in before}
    changed = {before[n] for n in before if before[n] != after[n]}
    assert all("penalty" in slug for slug in changed)


@pytest.mark.parametrize("dials", [{}, {"keep_prob": 0.5, "activation": "relu"}])
def test_a_surprise_is_given_away_by_nothing_that_leaves_the_kernel(dials):
    for n in range(1, 61):
        values = surprise(n, **dials)
        result = at(**values)
        files = [export.table(LESSON, values, result).decode(), LESSON.caption(result)]
        links = [export.query(LESSON, values), export.call(LESSON, values)]
        for told in (*files, *links):
            assert not [b.slug for b in BUGS.values() if b.slug in told or b.title in told]


def test_the_caption_of_a_surprise_names_blocks_and_no_cause():
    told = {"Consistent" in LESSON.caption(at(**surprise(n))) for n in range(1, 61)}
    assert told == {False}
    named = next(n for n in range(1, 61) if at(**surprise(n)).bug)
    assert "Off: d" in LESSON.caption(at(**surprise(named)))
    known = {**surprise(named), "bug": slug_of(at(**surprise(named)))}
    assert at(**known).check.consistent_with
    assert at(**known).check.suspects == at(**surprise(named)).check.suspects


# What the notebook says of them.

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "14-gradient-checking.ipynb"


def tries():
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return next("".join(cell["source"]) for cell in cells if cell["id"] == "try")


def test_the_notebooks_answers_name_the_lines_of_its_surprises():
    asked = re.findall(r"Surprise (\d+)\..*?<details>(.*?)</details>", tries(), re.DOTALL)
    assert len(asked) == 4
    for n, answer in asked:
        shown = find_line(at(**surprise(int(n))))
        named = re.findall("<code>(.*?)</code>", answer)
        assert named == [shown.lines[i].strip() for i in shown.mended]
        assert named or "None." in answer


def test_the_notebooks_presets_are_there():
    labels = {preset.label for preset in LESSON.presets}
    assert len(named := re.findall(r"[Pp]ress (?:the preset )?\*\*(.*?)\*\*", tries())) == 3
    assert {*named} <= labels


# Mistakes that cannot show.


@pytest.mark.parametrize("bug", OPTIONS)
def test_every_mistake_on_the_list_can_show_somewhere(bug):
    shown = (
        at(bug=bug, network=network, activation=activation, lambd=0.7, keep_prob=keep_prob)
        for network in ("square", "exercise")
        for activation in ("tanh", "sigmoid", "relu")
        for keep_prob in (1.0, 0.5)
    )
    assert any(result.check.suspects and result.bug for result in shown)


def test_a_mistake_that_cannot_show_is_said_so_and_leaves_right_gradients():
    unseen = {bug: at(bug=bug) for bug in OPTIONS if at(bug=bug).unseen}
    assert {"tanh-one", "half-penalty", "mask-missing", "A-off-by-one"} <= {*unseen}
    for result in unseen.values():
        assert "This mistake cannot show here. Needs" in LESSON.caption(result)
        np.testing.assert_array_equal(result.check.grad, at(bug="none").check.grad)
        assert result.bug is None
        assert not find_line(result).mended


# The line.


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_a_marked_line_is_where_the_code_differs_from_the_right_one(bug):
    shown, lines = find_line(replace(at(), bug=bug)), listing().lines
    assert shown.mended
    kept = [line for i, line in enumerate(shown.lines) if i not in shown.mended]
    assert {*kept} <= {*lines}
    for i, right_line in shown.mended.items():
        wrong = shown.lines[i].strip()
        missing = right_line.removeprefix(f"{wrong}, then: ")
        # Only the line before a missing one is a right one, and the L2 penalty's elsewhere.
        is_right = wrong in map(str.strip, lines) and bug.slug != "l1-as-l2"
        assert is_right == (missing != right_line)


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_with_its_lines_mended_the_code_is_the_right_one(bug):
    shown = find_line(replace(at(), bug=bug))
    mended = []
    for i, line in enumerate(shown.lines):
        mended += re.split(r", then: |; |(?<=:) ", shown.mended.get(i, line.strip()))
    code = [line for line in mended if line != TOO_MUCH]
    # Where g' is not used, the line that looks it up is gone, and nobody is asked for it.
    lines = [line.strip() for line in listing().lines]
    unused = [line for line in lines if line not in code]
    assert sorted(code + unused) == sorted(lines)
    assert all(line.startswith("slope =") for line in unused)


def test_right_code_has_no_line_to_find():
    shown = find_line(at(bug="none"))
    assert shown.lines == listing().lines
    assert not shown.mended


# The chosen component, and the learner's number.


def test_a_typed_component_is_the_chosen_one():
    for i, name in enumerate(at().check.names):
        result = at(component=name)
        assert (result.clicked, result.found) == (i, True)
        assert f" {name}: backprop" in LESSON.caption(result)


def test_without_a_choice_it_is_the_worst():
    check, result = at(bug="db-one-example").check, at(bug="db-one-example")
    assert check.relative_error[result.clicked] == check.relative_error.max()


@pytest.mark.parametrize("name", ["W9[9, 9]", "b1[7]", "W1[0, 4]"])
def test_an_unknown_component_is_said_so(name):
    result = at(component=name)
    assert not result.found
    assert "There is no such component here; the worst one: b1" in LESSON.caption(result)


def stage(result, width=1000, ratio=1.0):
    shown = Stage(LESSON.picture, style.LIGHT, width, ratio)
    shown.draw(result)
    return shown


def test_a_press_on_the_vector_chooses_and_under_the_curve_sets_epsilon():
    shown = stage(at())
    _, vector, valley = (axes for axes, _ in shown.boxes())
    assert shown.picture.pick(vector, 3.4, 1e-7) == {"component": "W1[0, 2]"}
    assert shown.picture.pick(vector, 47, 1e-7) == {"component": "b3[0]"}
    assert shown.picture.pick(vector, 48, 1e-7) == shown.picture.pick(vector, 0.3, 1e-7) == {}
    assert shown.picture.pick(valley, 1e-5, 1e-7) == {"epsilon": 1e-5}


def test_the_vector_shows_every_component_in_order():
    vector = stage(at()).picture.components.vector
    place, error = vector.all.get_data()
    np.testing.assert_array_equal(place, np.arange(1, 48))
    np.testing.assert_allclose(error, np.maximum(at().check.relative_error, 1e-16))
    bad = [at().check.names[int(x) - 1] for x in vector.worst.get_xdata()]
    assert {name[:2] for name in bad} == {"W2", "b1"}


@pytest.mark.parametrize(
    ("yours", "said"),
    [
        ("0.2850931567", "consistent with both planted bugs"),
        ("0.3333", "a factor of 2 or 1/2 in all gradients"),
        ("1.19e-7", "by rounding alone"),
    ],
)
def test_what_your_own_number_is_consistent_with(yours, said):
    result = at(yours=yours)
    assert said in result.yours[0]
    assert LESSON.caption(result).endswith(f" Your number: {result.yours[0]}")
    assert "Your number" not in LESSON.caption(at())


@pytest.mark.parametrize("text", ["1", "1.", ".5", "1e-7", "00.10", "1e999"])
def test_a_number_of_yours_is_read(text):
    assert at(yours=text).yours


@pytest.mark.parametrize("text", [".", "e5", ".e5", "nan", "-1", "1e", "0x1"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match=r"yours is .*it takes the difference that your own"):
        LESSON.settings(yours=text)


# The valley.


@pytest.mark.parametrize("network", ["exercise", "square", "wide"])
def test_right_code_is_best_checked_near_1e_5(network):
    valley = at(bug="none", network=network, activation="tanh").valley
    assert 1e-6 < valley.epsilons[valley.differences.argmin()] < 1e-4
    assert valley.differences.min() < 1e-9
    assert valley.differences[0] > 1e-6 < valley.differences[-1]


@pytest.mark.parametrize("k", [6, 14, 20])
def test_the_curve_is_the_check_at_each_epsilon(k):
    result = at(bug="course-pair", method="two-sided", epsilon=float(EPSILONS[k]))
    assert result.valley.differences[k] == pytest.approx(result.check.difference, rel=1e-9)


def test_the_curve_does_not_wait_for_epsilon():
    assert at(epsilon=1e-3).valley is at(epsilon=1e-9).valley


@pytest.mark.parametrize(("network", "sampled"), [("exercise", 47), ("square", 45), ("wide", 64)])
def test_above_200_parameters_the_curve_is_a_sample_and_says_so(network, sampled):
    result = at(network=network)
    assert result.valley.sampled == sampled
    said = "The V curve uses 64 sampled components." in LESSON.caption(result)
    assert said == (len(result.check.names) > 200) == (sampled == 64)


def test_every_network_has_the_size_that_its_name_says():
    for network, label in NETWORKS.items():
        sizes = problem(network, "tanh", 1.0, 1.0).net.layer_sizes
        assert label.startswith("-".join(map(str, sizes))) or label.startswith(
            f"{len(sizes) - 1} layers"
        )


# The words.


def settings():
    yield from moved_settings()
    yield from (LESSON.preset(one.dials) for one in LESSON.presets)


def test_every_number_in_a_caption_is_one_of_the_result():
    for values in settings():
        result = at(**values)
        check, said, i = result.check, LESSON.caption(result), result.clicked
        assert said.startswith(f"The difference is {number(check.difference, 4)}")
        if floor := re.search(r"rounding alone gives about (\S+)\)", said):
            assert floor[1] == number(check.floor, 1)
        shown = re.search(
            r"(\w+\[[^]]*\]): backprop (\S+), nudged (\S+), relative error (\S+)\.", said
        )
        numbers = (number(check.grad[i], 5), number(check.gradapprox[i], 5))
        assert shown.groups() == (check.names[i], *numbers, number(check.relative_error[i]))


def test_the_verdict_is_the_courses_unless_rounding_explains_it():
    for values in settings():
        check, said = at(**values).check, LESSON.caption(at(**values))
        words = next(words for bound, words in RULE if check.difference <= bound + 1e-12)
        explained = GREAT < check.difference <= check.floor
        assert ("which rounding alone explains" in said) == explained
        assert (f": {words} (rounding" in said) != explained


def test_the_blocks_that_a_caption_calls_off_are_off():
    for values in settings():
        result = at(**values)
        said = LESSON.caption(result)
        if result.unseen:
            continue
        listed = re.search(r"Off: ([^;.]*)[;.]", said)
        named = re.findall(r"d([Wb]\d)", listed[1]) if listed else []
        more = re.search(r"and (\d+) more blocks", said)
        assert tuple(named) == result.check.suspects[:4]
        assert len(named) + int(more[1] if more else 0) == len(result.check.suspects)
        assert ("No block stands out" in said) == (not named)


def test_the_difference_and_the_relative_errors_are_the_courses_formula():
    for values in settings():
        check = at(**values).check
        off, size = check.grad - check.gradapprox, np.linalg.norm
        sizes = size(check.grad) + size(check.gradapprox)
        assert check.difference == pytest.approx(size(off) / sizes, rel=1e-9)
        with np.errstate(invalid="ignore"):
            each = np.abs(off) / (np.abs(check.grad) + np.abs(check.gradapprox))
        np.testing.assert_allclose(check.relative_error, np.nan_to_num(each), rtol=1e-9)
