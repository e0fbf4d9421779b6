"""Inherent structures and cages are found once for each configuration."""

import gc
import sys
from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone

from vitreous.liquid import KobAndersen2D
from vitreous.simulate import CageFromRest, InherentStructure, _remembered, cage_from_rest, minimize
from vitreous.simulate import _minima as minima

SYSTEM = KobAndersen2D()


@pytest.fixture
def minimized(monkeypatch):
    """Tolerances of the minimisations that were done."""
    done = []

    def noted(system, configuration, *, force_tolerance):
        done.append(force_tolerance)
        return minimize(system, configuration, force_tolerance=force_tolerance)

    monkeypatch.setattr(minima, "minimize", noted)
    return done


def fresh():
    return SYSTEM.random_configuration(60, random_state=1).with_temperature(0.5)


def test_states_share_the_minimum(minimized):
    configuration, state = fresh(), InherentStructure(SYSTEM)
    (first,), (second,) = (clone(state).transform([configuration]) for _ in range(2))
    assert first is second
    assert minimized == [1e-6]
    np.testing.assert_array_equal(
        first.positions, minimize(SYSTEM, configuration).configuration.positions
    )


def shaken():
    (still,) = InherentStructure(SYSTEM, force_tolerance=1e-3).transform([fresh()])
    places = still.positions + np.random.default_rng(0).normal(0, 0.03, still.positions.shape)
    return still.with_positions(places)


def test_cages_share_the_tight_minimum(minimized):
    configuration = shaken()
    minimized.clear()
    one, other = (
        CageFromRest(SYSTEM, releases=[release], duration=0.5, settling=0.1).motions(
            [configuration]
        )
        for release in (0.02, 0.04)
    )
    assert minimized == [1e-11]
    assert one[0].inherent is other[0].inherent


def test_other_questions_are_answered_anew(minimized):
    configuration, state = fresh(), InherentStructure(SYSTEM, force_tolerance=1e-3)
    state.transform([configuration])
    state.transform([fresh()])
    clone(state).set_params(force_tolerance=1e-2).transform([configuration])
    slower = KobAndersen2D()
    slower.time_step = SYSTEM.time_step / 2
    InherentStructure(slower, force_tolerance=1e-3).transform([configuration])
    assert minimized == [1e-3, 1e-3, 1e-2, 1e-3]


def test_states_share_the_motion_in_the_cage(monkeypatch):
    configuration, runs = shaken(), []
    numbers = {"releases": [0.02], "duration": 0.5, "settling": 0.1}
    expected = cage_from_rest(SYSTEM, configuration, **numbers)

    def noted(*arguments, **settings):
        runs.append(settings["releases"])
        return cage_from_rest(*arguments, **settings)

    module = sys.modules["vitreous.simulate.cage_from_rest"]
    monkeypatch.setattr(module, "cage_from_rest", noted)
    state = CageFromRest(SYSTEM, **numbers)
    (motion,) = state.motions([configuration])
    (again,) = clone(state).transform([configuration])
    assert again is motion.configuration
    assert motion.thermal is configuration
    for name in ("mean_square_displacement", "mean_distance"):
        np.testing.assert_array_equal(getattr(motion, name), getattr(expected, name))
    np.testing.assert_array_equal(again.positions, expected.configuration.positions)
    clone(state).set_params(releases=[0.04]).transform([configuration])
    assert runs == [[0.02], [0.04]]


def test_nothing_is_kept_of_a_configuration_that_is_gone():
    configuration = shaken()
    CageFromRest(SYSTEM, releases=[0.02], duration=0.5, settling=0.1).transform([configuration])
    gc.collect()
    before = len(_remembered._found)
    del configuration
    gc.collect()
    assert len(_remembered._found) == before - 1


def test_what_did_not_converge_is_not_kept(monkeypatch):
    calls = []

    def stopped(system, configuration, *, force_tolerance):
        calls.append(force_tolerance)
        result = minimize(system, configuration, force_tolerance=1e-2)
        return replace(result, converged=False)

    monkeypatch.setattr(minima, "minimize", stopped)
    configuration = fresh()
    for _ in range(2):
        InherentStructure(SYSTEM).transform([configuration])
    assert calls == [1e-6, 1e-6]
