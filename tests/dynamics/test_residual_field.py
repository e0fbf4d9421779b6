"""Residuals as random fields: drawn, found again, and added to predictions."""

import numpy as np
import pytest

from vitreous.dynamics import (
    Residual,
    calibrate_residual_field,
    spatial_correlation,
)
from vitreous.liquid import KobAndersen, KobAndersen2D

LIQUIDS = [KobAndersen2D().random_configuration(430, seed) for seed in range(12)]
TRUE = {0.5: Residual(0.8, 1.0, 0.7, 1.5), 0.3: Residual(1.2, 2.0, 0.7, 3.0)}


def waves(seed):
    """A prediction for each liquid: a wave of random direction and phase, and noise."""
    rng = np.random.default_rng(seed)
    return [
        np.cos(c.positions @ rng.normal(size=2) + rng.uniform(0, 6)) + rng.normal(size=430)
        for c in LIQUIDS
    ]


@pytest.mark.parametrize(
    ("liquid", "n_draws"),
    [(LIQUIDS[0], 400), (KobAndersen().random_configuration(400, 0), 100)],
    ids=["2D", "3D"],
)
def test_draws_have_the_correlation_they_are_drawn_with(liquid, n_draws):
    """Against the covariance of all pairs of particles of one liquid, over many draws."""
    residual = Residual(gain=1.0, odds=3.0, correlated=0.6, length=1.0)
    prediction = np.random.default_rng(0).normal(size=liquid.n_particles)
    (fields,) = residual.draw([liquid], [prediction], n_draws)
    noise = (fields - prediction) / np.sqrt(3.0 * prediction.var())
    found = noise.T @ noise / len(noise)
    vectors = liquid.box.minimum_image(
        liquid.positions[:, np.newaxis] - liquid.positions[np.newaxis]
    )
    distances = np.linalg.norm(vectors, axis=-1)
    expected = 0.6 * np.exp(-distances) + 0.4 * np.eye(len(distances))
    for low, high in ((0, 1e-9), (0.8, 1.2), (1.8, 2.2), (2.8, 3.2)):
        shell = (distances >= low) & (distances <= high)
        assert found[shell].mean() == pytest.approx(expected[shell].mean(), abs=0.03)


def test_only_what_is_asked_changes_draws_of_one_seed():
    prediction = waves(0)[0]
    once, again, weaker = (
        Residual(1.0, odds, 0.6, 1.5).draw(LIQUIDS[:1], [prediction], 2, random_state=3)[0]
        for odds in (4.0, 4.0, 1.0)
    )
    np.testing.assert_array_equal(once, again)
    np.testing.assert_allclose(once - prediction, 2 * (weaker - prediction))


@pytest.fixture(scope="module")
def calibrated():
    """From halves that share a truth and have noise of their own, at two conditions."""
    rng = np.random.default_rng(1)
    predictions, halves, conditions = [], [], []
    for number, (condition, residual) in enumerate(TRUE.items()):
        predicted = waves(number)
        for field in residual.draw(LIQUIDS, predicted, 1, random_state=number):
            halves.append([field[0] + rng.normal(size=430) for _ in range(2)])
        predictions += predicted
        conditions += [condition] * len(LIQUIDS)
    return calibrate_residual_field(LIQUIDS * 2, predictions, halves, conditions)


@pytest.mark.parametrize("condition", TRUE)
def test_a_residual_is_found_again(calibrated, condition):
    found, true = calibrated.at(condition), TRUE[condition]
    assert found.gain == pytest.approx(true.gain, rel=0.1)
    assert found.odds == pytest.approx(true.odds, rel=0.3)
    assert found.correlated == pytest.approx(true.correlated, abs=0.15)
    assert found.length == pytest.approx(true.length, rel=0.35)
    assert len(calibrated.without_each(condition)) == 24


def test_errors_are_those_of_the_scatter(calibrated):
    """The truth lies within four jackknife errors of what is found, in every parameter."""
    for condition, true in TRUE.items():
        rest = np.log([[r.gain, r.odds, r.length] for r in calibrated.without_each(condition)])
        errors = np.sqrt((len(rest) - 1) * rest.var(axis=0))
        found = calibrated.at(condition)
        deviations = np.log([found.gain, found.odds, found.length]) - np.log(
            [true.gain, true.odds, true.length]
        )
        assert (errors > 0).all()
        assert (abs(deviations) < 4 * errors).all()


def test_corrected_correlation_is_that_of_predictions_with_a_residual():
    residual = Residual(gain=0.7, odds=1.5, correlated=0.8, length=2.0)
    liquids, predictions = LIQUIDS[:5], waves(5)[:5]
    corrected = residual.corrected(spatial_correlation(liquids, predictions, width=0.5)).mean
    drawn = residual.draw(liquids, predictions, 15, random_state=2)
    measured = np.mean(
        [
            spatial_correlation(liquids, [d[k] for d in drawn], width=0.5).mean.value
            for k in range(15)
        ],
        axis=0,
    )
    known = np.isfinite(measured)
    np.testing.assert_allclose(corrected.value[known], measured[known], atol=0.06)
    assert residual.variance(2.0) == pytest.approx(0.49 * 2.5 * 2.0)


def test_what_does_not_fit_is_refused():
    fields = waves(0)
    with pytest.raises(ValueError, match="12 predictions, 11 pairs of halves and 12 conditions"):
        calibrate_residual_field(LIQUIDS, fields, [(f, f) for f in fields[1:]], np.zeros(12))
    with pytest.raises(ValueError, match="the condition 1 has one configuration"):
        calibrate_residual_field(LIQUIDS, fields, [(f, f) for f in fields], [0.0] * 11 + [1.0])
