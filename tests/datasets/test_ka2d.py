"""The packaged sample is what its description says."""

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

import vitreous.datasets
from vitreous.campaigns import Campaign
from vitreous.campaigns.steps import make_equilibration
from vitreous.datasets import load_ka2d
from vitreous.descriptors import RadialDescriptor
from vitreous.liquid import KobAndersen2D
from vitreous.models import GroupedRidge, PropensityRegressor, propensity_scores
from vitreous.simulate import Equilibration, isoconfigurational_ensemble

FOLDER = Path(vitreous.datasets.__file__).parent / "samples"
SYSTEM = KobAndersen2D()


@pytest.fixture(scope="module")
def sample():
    return load_ka2d()


@pytest.fixture(scope="module")
def campaign():
    return tomllib.loads((FOLDER / "ka2d.toml").read_text())


@pytest.fixture(scope="module")
def described(sample):
    """Numbers of the table in the description, by temperature."""
    rows = re.findall(r"^\| (0\.\d+) \| (.*) \|$", sample.DESCR, re.MULTILINE)
    return {float(temperature): row.split(" | ") for temperature, row in rows}


def test_one_temperature_is_chosen_in_everything(sample):
    cold = sample.at(0.36)
    chosen = np.flatnonzero(sample.temperatures == 0.36)
    for name in ("configurations", "inherent", "labels", "data"):
        assert getattr(cold, name) == [getattr(sample, name)[i] for i in chosen]
    np.testing.assert_array_equal(cold.temperatures, [0.36] * 8)
    np.testing.assert_array_equal(cold.times, sample.times[chosen])
    assert (cold.system, cold.DESCR) == (sample.system, sample.DESCR)
    with pytest.raises(ValueError, match=r"no configurations at T = 0.4; there is T = 0.5, 0.42"):
        sample.at(0.4)


def test_prints_are_short(sample):
    assert repr(sample) == "Sample(KA2D; 24 configurations at T = 0.5, 0.42, 0.36)"
    labels = "displacement, bond_breaking, broken_bonds; 1290 particles, 10 replicas; t = "
    assert repr(sample.labels[0]).startswith(f"IsoconfigurationalLabels({labels}")
    assert repr(sample.data[0]).startswith(
        f"LabelledConfiguration(ka2d[0], KA2D, T = 0.5; {sample.configurations[0]}; Isoconfig"
    )
    assert repr(sample.data[0].structure) == (
        f"Structure(ka2d[0], KA2D, T = 0.5; {sample.configurations[0]})"
    )


def test_is_what_the_campaign_asks_for(sample, campaign):
    liquid, ensemble = campaign["liquid"], campaign["ensemble"]
    temperatures = np.repeat(liquid["temperatures"], liquid["n_configurations"])
    np.testing.assert_array_equal(sample.temperatures, temperatures)
    assert sample.system == liquid["system"] == SYSTEM.name
    for item, temperature, times in zip(
        sample.data, sample.temperatures, sample.times, strict=True
    ):
        assert item.configuration.n_particles == liquid["n_particles"]
        assert item.temperature == temperature
        assert item.in_equilibrium is True
        assert item.labels.n_replicas == ensemble["n_replicas"]
        np.testing.assert_array_equal(item.labels.times, times)
        np.testing.assert_allclose(
            times / times[-1], ensemble["relative_times"], atol=SYSTEM.time_step / times[-1]
        )
        np.testing.assert_array_equal(
            np.bincount(item.configuration.types), SYSTEM.counts(liquid["n_particles"])
        )
        assert item.configuration.box == SYSTEM.box(liquid["n_particles"])


def test_lists_are_in_the_same_order(sample):
    lists = sample.configurations, sample.inherent, sample.labels, sample.data
    for thermal, inherent, labels, item in zip(*lists, strict=True):
        assert item.configuration is thermal
        assert item.labels is labels
        np.testing.assert_array_equal(inherent.types, thermal.types)
        moved = thermal.box.minimum_image(inherent.positions - thermal.positions)
        # Thermal vibrations about the minimum.
        assert 0.05 < np.sqrt((moved**2).sum(axis=1).mean()) < 0.5


def test_inherent_structures_are_minima_to_double_precision(sample):
    for configuration in sample.inherent:
        # Where `minimize` stops by default; positions in single precision would miss it by far.
        assert np.sqrt((SYSTEM.forces(configuration) ** 2).sum(axis=1).mean()) <= 1e-6


def test_energies_are_those_of_the_description(sample, described):
    assert set(described) == set(sample.temperatures)
    for temperature, row in described.items():
        at = np.flatnonzero(sample.temperatures == temperature)
        (thermal, error), (inherent, _) = (map(float, text.split(" ± ")) for text in row[:2])
        mean = np.mean([SYSTEM.potential_energy(sample.inherent[k]) / 1290 for k in at])
        assert mean == pytest.approx(inherent, abs=6e-5)
        # The table averages over the runs, of which these are the last configurations.
        energies = [SYSTEM.potential_energy(sample.configurations[k]) / 1290 for k in at]
        scatter = np.std(energies, ddof=1) / np.sqrt(len(at))
        assert abs(np.mean(energies) - thermal) < 4 * np.hypot(scatter, error)


def test_labels_are_in_their_ranges_and_dynamics_slow_down(sample):
    for labels in sample.labels:
        bonds, moved = labels.halves("bond_breaking"), labels.halves("displacement")
        assert bonds.min() >= 0
        assert bonds.max() <= 1
        assert moved.min() > 0
        # Displacements grow with time, the share of bonds that are left falls.
        assert (np.diff(moved.mean(axis=(0, 1))) > 0).all()
        assert (np.diff(bonds.mean(axis=(0, 1))) < 0).all()
    means = np.array([labels.matrix("bond_breaking")[:, -1].mean() for labels in sample.labels])
    for temperature in np.unique(sample.temperatures):
        assert means[sample.temperatures == temperature].mean() == pytest.approx(0.88, abs=0.02)
    assert (np.diff(sample.times[::8, -1]) > 0).all()


def test_labels_agree_with_other_replicas(sample):
    at_first = sample.data[:8]
    again = [
        isoconfigurational_ensemble(
            SYSTEM,
            item.configuration,
            item.temperature,
            item.labels.times[:1],
            n_replicas=4,
            random_state=number,
        )
        for number, item in enumerate(at_first)
    ]
    for label in ("displacement", "bond_breaking"):
        pairs = [
            (new.matrix(label)[:, 0], item.labels.matrix(label)[:, 0])
            for new, item in zip(again, at_first, strict=True)
        ]
        assert min(np.corrcoef(*pair)[0, 1] for pair in pairs) > 0.3
        differences = [new.mean() - known.mean() for new, known in pairs]
        assert abs(np.mean(differences)) < 4 * np.std(differences, ddof=1) / np.sqrt(8)


def test_a_model_learns_from_it(sample):
    train, test = [0, 1, 2, 3, 4, 5], [6, 7]
    labels = [item.matrix("bond_breaking")[:, -1] for item in sample.labels]
    model = PropensityRegressor(RadialDescriptor(), GroupedRidge())
    model.fit([sample.inherent[k] for k in train], [labels[k] for k in train])
    unseen = [sample.inherent[k] for k in test]
    score = propensity_scores(unseen, [labels[k] for k in test], model.predict(unseen))
    assert score["A"]["pearson_mean"].value > 0.1


@pytest.mark.slow
def test_the_campaign_makes_these_positions(sample, tmp_path):
    """One configuration of each temperature again; a minute on one core.

    A build that sums in another order than that of the sample minimises the start to another
    rounding, which Monte Carlo hands on: some 1e-8. A single other decision, a step of about 0.1 or
    an exchange, would make another liquid.
    """
    again_campaign = Campaign.start(FOLDER / "ka2d.toml", tmp_path)
    for number, temperature in zip((0, 8, 16), again_campaign.settings.liquid.temperatures,
                                   strict=True):  # fmt: skip
        run = again_campaign.store.runs(temperature)[0].path
        run.parent.mkdir(parents=True)
        settings = again_campaign.settings
        make_equilibration(
            run, SYSTEM, 1290, temperature, settings.moves(temperature), "above",
            again_campaign.store.seed("equilibration", temperature, 0),
        )  # fmt: skip
        again = Equilibration.load(run).configuration
        np.testing.assert_array_equal(again.types, sample.configurations[number].types)
        np.testing.assert_allclose(
            again.positions, sample.configurations[number].positions, rtol=0, atol=1e-6
        )
