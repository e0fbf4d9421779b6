"""What models of a study of transfer see."""

import pytest

from vitreous.datasets import load_ka2d
from vitreous.liquid import KobAndersen2D
from vitreous.studies.transfer.columns import three_regimes

SYSTEM = KobAndersen2D()
LIQUID = load_ka2d().configurations[0]


def names_of(inherent):
    descriptor = three_regimes(SYSTEM, LIQUID, inherent)
    return descriptor, descriptor.fit([LIQUID]).get_feature_names_out().tolist()


@pytest.mark.parametrize("inherent", ["jung2023", "combined", "cubuk2015"])
def test_there_are_columns_of_the_first_collision_the_cage_and_relaxation(inherent):
    _, names = names_of(inherent)
    regimes = {name.split("__")[0] for name in names}
    assert regimes == {"short", "cage", "plateau", "bonds", "cage_bonds", "relaxation"}
    assert "cage__distance thermal-inherent" in names


def test_short_runs_at_a_higher_temperature_stand_last_if_asked_for():
    _, without = names_of("cubuk2015")
    descriptor = three_regimes(SYSTEM, LIQUID, "cubuk2015", heated=0.8)
    names = descriptor.fit([LIQUID]).get_feature_names_out().tolist()
    assert names[: len(without)] == without
    assert {name.split("__")[0] for name in names[len(without) :]} == {"heated"}


def test_columns_are_those_of_thermal_and_inherent_positions():
    descriptor, names = names_of("cubuk2015")
    columns = descriptor.transform([LIQUID])
    assert columns.shape == (LIQUID.n_particles, len(names))
    inherent = load_ka2d().inherent[0]
    moved = LIQUID.box.minimum_image(LIQUID.positions - inherent.positions)
    expected = (moved**2).sum(axis=1) ** 0.5 / LIQUID.temperature**0.5
    place = names.index("cage__distance thermal-inherent")
    assert columns[:, place] == pytest.approx(expected, abs=1e-3)
