import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import Normalize

from vitreous.liquid import KobAndersen, KobAndersen2D
from vitreous.plots import figure, particle_map

SYSTEM = KobAndersen2D()


@pytest.fixture
def configuration():
    return SYSTEM.random_configuration(60, 1)


@pytest.fixture
def ax():
    return figure(3, 3)[1][0, 0]


def test_every_particle_is_a_disk_of_its_diameter(configuration, ax):
    values = np.linspace(0, 1, 60)
    disks = particle_map(SYSTEM, configuration, values, ax)
    assert disks in ax.collections
    np.testing.assert_allclose(disks.get_offsets(), configuration.positions)
    diameters = np.array([1.0, 0.88, 0.94])[configuration.types]
    np.testing.assert_allclose(disks.get_widths(), diameters)
    np.testing.assert_allclose(disks.get_heights(), diameters)
    np.testing.assert_array_equal(disks.get_array(), values)


def test_disks_have_their_size_in_the_units_of_the_axes(configuration, ax):
    disks = particle_map(SYSTEM, configuration, np.zeros(60), ax, limits=(0, 1))
    ax.figure.draw_without_rendering()
    drawn = disks.get_transforms()[:, 0, 0] * disks.get_transform().get_matrix()[0, 0]
    pixels = ax.transData.transform([[0.0, 0.0], [1.0, 0.0]])
    per_unit = pixels[1, 0] - pixels[0, 0]
    np.testing.assert_allclose(drawn, disks.get_widths() / 2 * per_unit)


def test_axes_show_the_whole_box_undistorted(configuration, ax):
    particle_map(SYSTEM, configuration, np.zeros(60), ax, limits=(0, 1))
    half = configuration.box.lengths[0] / 2
    assert ax.get_xlim() == pytest.approx((-half, half))
    assert ax.get_ylim() == pytest.approx((-half, half))
    assert ax.get_aspect() == 1


def test_colors_reach_from_the_2nd_to_the_98th_percentile_or_as_told(configuration, ax):
    values = np.random.default_rng(0).normal(size=60)
    values[0] = 100.0
    disks = particle_map(SYSTEM, configuration, values, ax)
    assert disks.get_clim() == pytest.approx(tuple(np.percentile(values, [2, 98])))
    told = particle_map(SYSTEM, configuration, values, ax, limits=(-3.0, 5.0), cmap="magma")
    assert told.get_clim() == (-3.0, 5.0)
    ax.figure.draw_without_rendering()
    expected = told.get_cmap()(Normalize(-3, 5)(values))
    np.testing.assert_allclose(told.get_facecolors(), expected)
    assert told.get_cmap().name == "magma"


@pytest.mark.parametrize(
    ("limits", "extend"),
    [((0, 1), "neither"), ((0.5, 1), "min"), ((0, 0.5), "max"), ((0.2, 0.5), "both")],
)
def test_the_color_bar_has_arrows_where_the_scale_clips(configuration, ax, limits, extend):
    disks = particle_map(SYSTEM, configuration, np.linspace(0, 1, 60), ax, limits=limits)
    assert ax.figure.colorbar(disks, ax=ax).extend == extend
    assert mpl.colormaps["viridis"].colorbar_extend is False


def test_three_dimensions_are_refused(ax):
    system = KobAndersen()
    with pytest.raises(ValueError, match="a map needs a 2D configuration, not 3D"):
        particle_map(system, system.random_configuration(10, 1), np.zeros(10), ax)


@pytest.mark.parametrize("shape", [(59,), (60, 2), ()])
def test_one_value_per_particle_is_required(configuration, ax, shape):
    with pytest.raises(ValueError, match="60 particles, values of"):
        particle_map(SYSTEM, configuration, np.zeros(shape), ax)
    assert not ax.collections


def test_particles_without_a_value_are_gray(configuration, ax):
    values = np.linspace(0, 1, 60)
    values[::3] = np.nan
    disks = particle_map(SYSTEM, configuration, values, ax)
    known = values[~np.isnan(values)]
    assert disks.get_clim() == tuple(np.percentile(known, [2, 98]))
    ax.figure.draw_without_rendering()
    colors = disks.get_facecolors()
    np.testing.assert_allclose(colors[::3], np.tile([0.85, 0.85, 0.85, 1.0], (20, 1)))
    assert len(np.unique(colors[1::3], axis=0)) == 20
    with pytest.raises(ValueError, match="no particle has a value"):
        particle_map(SYSTEM, configuration, np.full(60, np.nan), ax)
