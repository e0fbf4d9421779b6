"""A liquid that crystallised is not in equilibrium, whatever its energy says."""

import numpy as np
import pytest

from vitreous.campaigns import Campaign, campaign
from vitreous.liquid import Box, Configuration, KobAndersen
from vitreous.simulate import EquilibriumTest

TINY = """
title = "Tiny"
seed = 1
liquid = { system = "KA", n_particles = 256, temperatures = [0.5, 0.4], n_configurations = 4 }
equilibration = { n_sweeps = 1000 }
relaxation = { bond_breaking = 0.97, longest_time = 100.0 }
ensemble = { n_replicas = 2, relative_times = [1.0] }
"""

PASSED = EquilibriumTest(-7.0, 0.001, 0.0, 0.5, 0.0, 0.5, 1000, 10.0)


def partly_crystalline(share):
    """Two layers of fcc and more, and disorder above."""
    cell = np.array(np.meshgrid(*[range(4)] * 3)).reshape(3, -1).T
    basis = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    positions = 1.5 * (cell[:, np.newaxis] + basis).reshape(-1, 3)
    molten = positions[:, 2] > share * 6.0
    generator = np.random.default_rng(1)
    positions[molten] += generator.normal(0, 0.3, (molten.sum(), 3))
    box = Box.cube(6.0, 3)
    return Configuration.wrapped(positions, np.zeros(len(positions), int), box, "AB")


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A campaign whose runs are said to pass, with inherent structures that are set here."""
    (tmp_path / "tiny.toml").write_text(TINY)
    liquid = KobAndersen().random_configuration(256, random_state=1)
    quenched = {0.5: [(liquid, -7.0)] * 4, 0.4: [(liquid, -7.0)] * 4}
    monkeypatch.setattr(Campaign, "_compute", lambda *arguments: None)
    monkeypatch.setattr(campaign, "read_runs", lambda store, known: {t: [] for t in known})
    monkeypatch.setattr(campaign, "read_quenched", lambda store, known: quenched)
    monkeypatch.setattr(campaign, "equilibrium_test", lambda runs: PASSED)
    return Campaign.start(tmp_path / "tiny.toml", tmp_path / "made"), quenched


def test_one_crystal_among_liquids_is_refused(made):
    campaign_, quenched = made
    quenched[0.4][2] = (partly_crystalline(0.6), -7.3)
    with pytest.raises(RuntimeError, match=r"T = 0\.4 .* \d\d% of a configuration are crystalline"):
        campaign_.prepare()


def test_few_crystalline_particles_are_no_reason():
    said = EquilibriumTest(*vars(PASSED).values())
    assert said.crystalline_fraction is None
    assert said.passed
    shares = {0.0: True, 0.1: True, 0.11: False, float("nan"): False}
    for share, passed in shares.items():
        numbers = {**vars(PASSED), "crystalline_fraction": share}
        assert EquilibriumTest(**numbers).passed is passed
