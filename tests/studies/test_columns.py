"""What models of a study of transfer see, and which ridge takes it."""

import pytest

from vitreous.datasets import load_ka2d
from vitreous.liquid import KobAndersen2D
from vitreous.models import GroupedRidge, TwoLevelRidge
from vitreous.studies.transfer.columns import ridge_of, three_regimes

SYSTEM = KobAndersen2D()
LIQUID = load_ka2d().configurations[0]


def names_of(inherent):
    descriptor = three_regimes(SYSTEM, LIQUID, inherent)
    return descriptor, descriptor.fit([LIQUID]).get_feature_names_out().tolist()


@pytest.mark.parametrize("inherent", ["jung2023", "combined", "cubuk2015"])
def test_there_are_columns_of_the_first_collision_the_cage_and_relaxation(inherent):
    _, names = names_of(inherent)
    regimes = {name.split("__")[0] for name in names}
    assert regimes == {"short", "cage", "plateau", "relaxation"}
    assert "cage__distance thermal-inherent" in names


def test_energies_tell_the_mean_of_a_configuration():
    descriptor, names = names_of("jung2023")
    ridge = ridge_of(descriptor, LIQUID)
    assert isinstance(ridge, TwoLevelRidge)
    assert ridge.favored_columns is None
    chosen = [names[k] for k in ridge.mean_columns]
    assert len(chosen) == 4 * 8
    assert all(name.startswith("relaxation__energy[") for name in chosen)


def test_shells_are_not_favored_where_there_is_more():
    descriptor, names = names_of("combined")
    ridge = ridge_of(descriptor, LIQUID)
    others = [name for k, name in enumerate(names) if k not in set(ridge.favored_columns)]
    assert all(name.startswith("relaxation__shells__") for name in others)
    assert len(others) > len(ridge.favored_columns) > 100
    assert names[ridge.mean_columns[0]] == "relaxation__physics__energy[A] L=0.5"


def test_without_energies_there_is_one_level():
    descriptor, _ = names_of("cubuk2015")
    assert isinstance(ridge_of(descriptor, LIQUID), GroupedRidge)


def test_columns_are_those_of_thermal_and_inherent_positions():
    descriptor, names = names_of("cubuk2015")
    columns = descriptor.transform([LIQUID])
    assert columns.shape == (LIQUID.n_particles, len(names))
    inherent = load_ka2d().inherent[0]
    moved = LIQUID.box.minimum_image(LIQUID.positions - inherent.positions)
    expected = (moved**2).sum(axis=1) ** 0.5 / LIQUID.temperature**0.5
    place = names.index("cage__distance thermal-inherent")
    assert columns[:, place] == pytest.approx(expected, abs=1e-3)
