"""Gain and residual share of predictions of known fields, and what they say where none is known."""

import numpy as np
import pytest

from vitreous.dynamics import (
    Estimate,
    FourPointStructureFactor,
    ResidualCalibration,
    calibrate_residual,
    four_point_structure_factor,
    susceptibility,
)
from vitreous.liquid import Box, Configuration

LENGTH, N = 20.0, 300
CONDITIONS = np.repeat([1.0, 2.0, 3.0, 4.0], 12)


def wave(rng, positions, length):
    """A random field with a correlation length, of variance 1 on average."""
    q = 2 * np.pi * rng.integers(-6, 7, size=(400, 2)) / LENGTH
    kept = rng.random(400) < 1 / (1 + (q**2).sum(axis=1) * length**2)
    phases = positions @ q[kept].T + rng.uniform(0, 2 * np.pi, kept.sum())
    return np.sqrt(2 / kept.sum()) * np.cos(phases).sum(axis=1)


def made(conditions, seed, noise=1.0, levels=(1.0,)):
    """Truth = g P + R with ln g = 0.3 + 0.1 t and R / (g P) of 0.4 exp(0.3 t) in variance."""
    rng = np.random.default_rng(seed)
    configurations, predictions, halves = [], [], []
    for t in conditions:
        positions = rng.uniform(-LENGTH / 2, LENGTH / 2, (N, 2))
        configurations.append(
            Configuration(positions, np.zeros(N, int), Box.cube(LENGTH, 2), ("A",))
        )
        prediction = np.stack([level * wave(rng, positions, 1.5) for level in levels], axis=1)
        gain, odds = np.exp(0.3 + 0.1 * t), 0.4 * np.exp(0.3 * (t - 1))
        residual = np.stack([level * wave(rng, positions, 1.5) for level in levels], axis=1)
        truth = gain * (prediction + np.sqrt(odds) * residual)
        predictions.append(prediction)
        halves.append(truth + noise * rng.normal(size=(2, *truth.shape)))
    return configurations, predictions, halves


def test_gain_and_share_are_found_and_carried_on():
    found = calibrate_residual(*made(CONDITIONS, 0), CONDITIONS, longest_wave_number=1.5)
    assert found.without.shape == (len(CONDITIONS), 2, 4)
    for t in (1.0, 4.0, 6.0):
        odds = 0.4 * np.exp(0.3 * (t - 1))
        for name, exact in (
            ("gain", np.exp(0.3 + 0.1 * t)),
            ("share", odds / (1 + odds)),
            ("factor", np.exp(0.6 + 0.2 * t) * (1 + odds)),
        ):
            estimate = getattr(found, name)(0.6, t)
            assert abs(estimate.value - exact) < 3.5 * estimate.standard_error, (name, t)
        assert found.gain(0.6, 6.0).standard_error > found.gain(0.6, 3.0).standard_error
    assert found.gain(0.6, 4.0).standard_error < 0.1 * found.gain(0.6, 4.0).value


def test_errors_are_those_of_repeated_measurements():
    conditions = np.repeat([1.0, 2.0, 3.0], 4)
    values, errors = [], []
    for seed in range(16):
        found = calibrate_residual(*made(conditions, seed), conditions).share(0.0, 4.0)
        values.append(found.value)
        errors.append(found.standard_error)
    assert np.median(errors) == pytest.approx(np.std(values), rel=0.5)


def test_noise_of_the_replicas_drops_out():
    conditions = CONDITIONS[:24]
    quiet, loud = (
        calibrate_residual(*made(conditions, 2, noise), conditions).share(0.5, 1.5)
        for noise in (0.0, 4.0)
    )
    assert abs(loud.value - quiet.value) < 3 * np.hypot(loud.standard_error, quiet.standard_error)
    liquids, predictions, halves = made(conditions, 2, 4.0)
    averages = [np.stack([half.mean(axis=0)] * 2) for half in halves]
    wrong = calibrate_residual(liquids, predictions, averages, conditions).share(0.5, 1.5)
    assert wrong.value > quiet.value + 5 * quiet.standard_error


def test_strength_and_structure_factor_of_a_colder_liquid_are_those_of_its_truth():
    calibration = calibrate_residual(*made(CONDITIONS, 3), CONDITIONS, longest_wave_number=1.5)
    liquids, predictions, halves = made(np.full(30, 5.5), 4, noise=0.0)
    predicted, true = (
        four_point_structure_factor(liquids, fields, longest_wave_number=1.5)
        for fields in ([p[:, 0] for p in predictions], [h[0, :, 0] for h in halves])
    )
    found = calibration.structure_factor(predicted, 5.5)
    pull = (found.value - true.mean.value) / np.hypot(
        found.standard_error, true.mean.standard_error
    )
    assert abs(pull).max() < 3.5
    assert (found.standard_error > predicted.mean.standard_error).all()
    length = calibration.length(predicted, 5.5, longest_wave_number=1.5)
    expected = true.fit(1.5).length
    assert abs(length.value - expected.value) < 3 * np.hypot(
        length.standard_error, expected.standard_error
    )
    assert length.standard_error > predicted.fit(1.5).length.standard_error
    weak, strong = (
        Estimate.jackknife(lambda k, f=fields: susceptibility([f[i] for i in k]), 30)
        for fields in ([p[:, 0] for p in predictions], [h[0, :, 0] for h in halves])
    )
    chi4 = calibration.strength(weak, 5.5)
    assert abs(chi4.value - strong.value) < 3 * np.hypot(chi4.standard_error, strong.standard_error)
    assert chi4.value > 5 * weak.value


def test_levels_enter_as_a_slope():
    """At the second level the prediction is right where at the first it is half of the truth."""
    levels = [1.0, 2.0]
    liquids, predictions, halves = made(CONDITIONS[:24], 5, levels=(1.0, 1.0))
    doubled = [p * [1.0, 2.0] for p in predictions]
    found = calibrate_residual(liquids, doubled, halves, CONDITIONS[:24], levels=levels)
    ratio = found.gain(0.5, 1.5, 1.0).value / found.gain(0.5, 1.5, 2.0).value
    assert ratio == pytest.approx(2.0, rel=0.15)


def test_a_length_without_bend_has_no_error():
    parameters = np.array([[0.1, 0, 0, 0], [-1.0, 0, 0, 0]])
    known = ResidualCalibration(parameters, np.stack([parameters] * 3), (0.0, 0.0), (1.0, 1.0), 1.2)
    q = np.linspace(0.2, 1.0, 8)
    steep = FourPointStructureFactor(q, np.full(8, 10), np.stack([q**-4, 1.1 * q**-4]))
    found = known.length(steep, 0.0)
    assert np.isinf(found.value)
    assert np.isnan(found.standard_error)


def test_predictions_that_know_nothing_leave_all_to_the_residual():
    """Their gain is 0 or below, which no exponential is; strength still comes out right."""
    conditions = CONDITIONS[:24]
    liquids, _, halves = made(conditions, 7)
    rng = np.random.default_rng(8)
    strangers = [wave(rng, liquid.positions, 1.5) for liquid in liquids]
    against = [a - 0.2 * h.mean(axis=0)[:, 0] for a, h in zip(strangers, halves, strict=True)]
    for predictions in (strangers, against):
        found = calibrate_residual(liquids, predictions, halves, conditions)
        assert found.share(0.5, 1.5).value > 0.9
        guess, truth = (
            four_point_structure_factor(liquids, a, others=b, longest_wave_number=1.2).mean
            for a, b in (
                (predictions, predictions),
                ([h[0, :, 0] for h in halves], [h[1, :, 0] for h in halves]),
            )
        )
        factor = found.factor(0.8, 1.5)
        assert abs(factor.value - truth.value.mean() / guess.value.mean()) < 0.4 * factor.value


def test_bad_input_is_refused():
    liquids, predictions, halves = made(CONDITIONS[10:14], 6)
    with pytest.raises(ValueError, match="3 predictions, 4 pairs of halves and 4 conditions for 4"):
        calibrate_residual(liquids, predictions[:3], halves, [1, 1, 2, 2])
    with pytest.raises(ValueError, match="the condition 2 has one configuration"):
        calibrate_residual(liquids, predictions, halves, [1, 1, 1, 2])
    flat = [np.zeros(N) for _ in liquids]
    with pytest.raises(ValueError, match="predictions that do not vary"):
        calibrate_residual(liquids, flat, halves, [1, 1, 2, 2])
