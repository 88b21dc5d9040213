"""The lesson against the core's own loop, and its words and decisions against its numbers."""

import re

import numpy as np
import pytest

from deepdials.core.gradient_checking import check_gradients
from deepdials.core.gradient_report import GREAT
from deepdials.lessons.grades import THRESHOLDS
from deepdials.lessons.trusting_the_check import LESSON, checks
from deepdials.lessons.trusting_the_check.compute import DECISIONS
from deepdials.lessons.trusting_the_check.picture import MIDDLES
from deepdials.lessons.trusting_the_check.presets import OTHER_J, PREDICTIONS, TWICE, WEIGHTS_ONLY
from deepdials.notation import number
from deepdials.panel import export

PRESETS = {preset.slug: preset for preset in LESSON.presets}
PASS = ("one-mask", "keep-prob-1", "all-masks", "without-l2", "whole-j", "report-5")
SHIP, DO_NOT_SHIP, MEND_THE_CHECK = DECISIONS


def at(**dials):
    return LESSON.result(LESSON.settings(**dials))


def preset(slug):
    return LESSON.result(LESSON.preset(PRESETS[slug].dials))


def moved_settings(many=60):
    rng = np.random.default_rng(3)
    dials = LESSON.dials
    for _ in range(many):
        yield LESSON.settings(
            backprop=str(rng.choice(list("ABC"))),
            dropout=str(rng.choice(["none", "fixed", "fresh"])),
            keep_prob=dials["keep_prob"].snap(rng.uniform(0.5, 1)),
            lambd=dials["lambd"].snap(rng.choice([0, rng.uniform(0, 2)])),
            J_has_penalty=bool(rng.integers(2)),
            iteration=dials["iteration"].snap(rng.uniform(0, 100)),
            parameters=dials["parameters"].snap(10 ** rng.uniform(1, 8)),
        )


def test_with_a_fresh_mask_at_each_call_the_difference_is_near_1():
    result = preset("report-1")
    assert result.difference > 0.99
    assert result.masks == result.calls == 66
    assert result.decision == MEND_THE_CHECK


@pytest.mark.parametrize("slug", PASS)
def test_what_the_course_advises_passes(slug):
    result = preset(slug)
    assert result.difference < 1e-9
    assert result.off == ()


def test_all_masks_are_256_and_pass_near_1e_10():
    result = preset("all-masks")
    assert result.masks == 256
    assert 1e-11 < result.difference < 1e-9
    assert result.decision == SHIP


@pytest.mark.parametrize("dropout", ["none", "fixed", "averaged"])
@pytest.mark.parametrize("iteration", [0, 33, 100])
def test_the_right_backprop_passes_with_a_penalty_too(dropout, iteration):
    result = at(dropout=dropout, lambd=0.7, iteration=iteration)
    assert result.difference < 1e-8
    assert result.off == ()
    assert result.decision == SHIP


@pytest.mark.parametrize("backprop", ["A", "B", "C"])
@pytest.mark.parametrize("iteration", [0, 37, 100])
def test_without_tricks_it_is_the_loop_of_the_core(backprop, iteration):
    setup = checks.Setup(backprop, "none", 1.0, 0.7, True)
    theta = checks.theta_at(setup, iteration)
    gradients = checks.code(backprop)(checks.NET, theta, checks.X, checks.Y, 0.7)
    loop = check_gradients(
        lambda p: checks.NET.cost(p, checks.X, checks.Y, 0.7), theta, gradients, checks.EPSILON
    )
    result = at(backprop=backprop, dropout="none", lambd=0.7, iteration=iteration)
    assert result.difference == pytest.approx(loop.difference, rel=1e-9)
    assert result.grade == loop.grade
    assert result.differences == pytest.approx([*loop.blocks.values()], rel=1e-9)


def test_a_forgotten_penalty_shows_in_the_weights_alone_whoever_forgot_it():
    mine, theirs = (LESSON.result(LESSON.preset(dials)) for dials in (WEIGHTS_ONLY, OTHER_J))
    assert mine.off == theirs.off == ("dW1", "dW2")
    assert mine.difference == pytest.approx(theirs.difference, rel=0.2)
    assert (mine.decision, theirs.decision) == (DO_NOT_SHIP, MEND_THE_CHECK)


def test_against_lambd_a_forgotten_penalty_grows_and_is_nothing_at_0():
    differences = [
        at(**{**WEIGHTS_ONLY, "lambd": lambd, "iteration": 0}).difference
        for lambd in (0.0, 0.5, 1.0, 2.0)
    ]
    assert differences[0] < 1e-9
    assert differences[2] / differences[1] == pytest.approx(2, rel=0.01)
    assert differences[3] / differences[2] == pytest.approx(2, rel=0.01)


def test_both_forgot_it_and_the_report_is_great():
    result = preset("both-forgot")
    assert result.grade == "great"
    assert result.decision == DO_NOT_SHIP


def test_the_tanh_bug_passes_at_small_weights_and_fails_after_training():
    early, late = preset("report-4"), preset("trained")
    assert early.grade == "great"
    assert early.off == ()
    assert late.grade == "bug"
    assert late.off == ("dW1", "db1")
    assert late.J < early.J / 3


def test_the_trace_ends_at_the_report_and_tells_nothing_ahead():
    for iteration in (0, 1, 60, 61, 100):
        result = at(backprop="B", dropout="none", iteration=iteration)
        trace = result.trace
        assert trace.iterations[-1] == iteration == trace.iterations.max()
        assert (trace.differences[-1], trace.floors[-1]) == (result.difference, result.floor)
    assert at(backprop="B", dropout="none", iteration=0).trace.iterations.size == 1


def test_a_check_costs_as_much_as_n_backprops():
    result = preset("every-step")
    passes = dict(zip(result.methods, result.passes, strict=True))
    assert passes["two-sided"] / passes["backprop"] == result.parameters == 1_000_000
    assert passes["backprop"] < passes["exact"] < passes["two-sided"] / 1000


def test_dials_that_do_not_matter_change_no_number():
    one, other = (
        at(dropout="none", keep_prob=p, J_has_penalty=q) for p, q in ((0.5, True), (1.0, False))
    )
    assert one.difference == other.difference
    np.testing.assert_array_equal(one.trace.differences, other.trace.differences)
    inactive = LESSON.settings(dropout="none", lambd=0.0)
    assert not LESSON.dials["keep_prob"].active(inactive)
    assert not LESSON.dials["J_has_penalty"].active(inactive)


def test_the_guide_lines_are_the_courses_thresholds():
    for name, bounds in zip(
        MIDDLES, zip((0, *THRESHOLDS), (*THRESHOLDS, np.inf), strict=True), strict=True
    ):
        assert bounds[0] < MIDDLES[name] < bounds[1]
    for values in moved_settings():
        result = LESSON.result(values)
        below = sum(result.difference > threshold for threshold in THRESHOLDS)
        assert result.grade == [*MIDDLES][below]


def test_the_five_reports_are_decided_by_what_is_right():
    slugs = [f"report-{i}" for i in range(1, 6)]
    assert [preset(slug).decision for slug in slugs] == [
        MEND_THE_CHECK,
        DO_NOT_SHIP,
        MEND_THE_CHECK,
        DO_NOT_SHIP,
        SHIP,
    ]
    assert [asked.before for asked in PREDICTIONS[:5]] == [PRESETS[slug].dials for slug in slugs]


@pytest.mark.parametrize(
    ("prediction", "answer"),
    [
        (0, MEND_THE_CHECK),
        (1, DO_NOT_SHIP),
        (2, MEND_THE_CHECK),
        (3, DO_NOT_SHIP),
        (4, SHIP),
        (5, "about a million"),
    ],
)
def test_the_answers_to_the_predictions(prediction, answer):
    asked = PREDICTIONS[prediction]
    before, after = (LESSON.result(LESSON.preset(dials)) for dials in (asked.before, asked.after))
    assert asked.choices[asked.answer(before, after)] == answer


def test_what_a_question_says_is_what_its_report_shows():
    first, second, third, fourth, fifth = (
        LESSON.result(LESSON.preset(asked.before)) for asked in PREDICTIONS[:5]
    )
    assert number(first.difference, 1) == "1"
    assert second.off == third.off == ("dW1", "dW2")
    assert second.J_has_penalty and not third.J_has_penalty
    assert (fourth.off, fourth.iteration) == ((), 0)
    assert fifth.off == () and fifth.trace.differences.max() < GREAT and fifth.iteration > 0


def test_no_decision_without_the_truth_about_the_code():
    for values in moved_settings():
        result = LESSON.result(values)
        right = result.backprop == "A" or (result.backprop == "C" and result.lambd == 0)
        assert (result.decision == DO_NOT_SHIP) != right
        if right:
            assert (result.decision == SHIP) == result.passed


def test_neither_a_report_nor_its_file_gives_the_answer_away():
    for slug in ("report-1", "report-2", "report-3", "report-4", "report-5"):
        values = LESSON.preset(PRESETS[slug].dials)
        result = LESSON.result(values)
        told = LESSON.caption(result) + export.table(LESSON, values, result).decode()
        assert result.decision not in told
        assert "decision" not in told


def test_every_number_in_a_caption_is_one_of_the_result():
    for values in [*moved_settings(), *(LESSON.preset(one.dials) for one in LESSON.presets)]:
        result = LESSON.result(values)
        said = LESSON.caption(result)
        assert f"Backprop {result.backprop}," in said
        assert f"difference {number(result.difference)}, by the course's rule" in said
        assert re.search(rf"after {result.iteration} iterations?:", said)
        assert f"For {result.parameters:,} parameters" in said
        assert f"takes {2 * result.parameters:,} forward passes" in said
        assert (f"keep_prob = {number(result.keep_prob)}" in said) == (result.dropout != "none")
        assert (f"lambd = {number(result.lambd)}" in said) == (result.lambd > 0)
        assert ("no penalty in J" in said) == (result.lambd > 0 and not result.J_has_penalty)


def test_the_arrays_that_a_caption_calls_off_are_off():
    for values in moved_settings():
        result = LESSON.result(values)
        said = LESSON.caption(result)
        if result.dropout == "fresh":
            assert str(result.calls) in said
            continue
        listed = re.search(r"Off: (.*); ", said)
        off = re.findall(r"d[Wb]\d", listed[1]) if listed else []
        assert off == [*result.off] or (said.count("All arrays are off") and len(result.off) == 4)
        if found := re.search(r"at most (\S+)\.", said):
            assert found[1] == number(result.trace.differences.max())


def test_the_only_mask_that_keeps_everything():
    assert "met the same mask" in LESSON.caption(preset("keep-prob-1"))
    assert "met 66 different masks" in LESSON.caption(preset("report-1"))


def test_the_teachers_note_has_the_numbers_of_the_presets():
    for slug in ("report-1", "all-masks", "report-4", "trained"):
        assert number(preset(slug).difference, 2) in LESSON.note
    assert number(at(dropout="none").difference, 2) in LESSON.note


def test_at_the_courses_epsilon_right_gradients_differ_about_100_times_more(monkeypatch):
    setup = checks.Setup("A", "none", 1.0, 0.0, True)
    here = [checks.check_once(setup, i).difference for i in range(0, 101, 10)]
    monkeypatch.setattr(checks, "EPSILON", 1e-7)
    course = [checks.check_once(setup, i).difference for i in range(0, 101, 10)]
    assert 50 < np.median(np.divide(course, here)) < 200


def test_after_training_all_is_well_at_every_iteration():
    assert at(**{**TWICE, "iteration": 100}).trace.differences.max() < GREAT
