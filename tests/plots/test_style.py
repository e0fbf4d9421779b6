import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_rgb

from vitreous.plots import PAGE_WIDTH, figure, style
from vitreous.plots.style import temperature_colors


def test_style_holds_inside_its_block_only():
    before = dict(mpl.rcParams)
    with style():
        assert mpl.rcParams["svg.fonttype"] == "none"
    assert dict(mpl.rcParams) == before


def test_figures_have_the_size_asked_for_and_a_grid_of_axes():
    made, axes = figure(PAGE_WIDTH, 2.0, ncols=3)
    assert tuple(made.get_size_inches()) == (PAGE_WIDTH, 2.0)
    assert axes.shape == (1, 3)


def test_pictures_of_the_same_data_are_the_same_bytes(tmp_path):
    pictures = []
    for name in ("a.svg", "b.svg"):
        with style():
            made, axes = figure(3, 2)
            axes[0, 0].plot([1, 2], [3, 4])
            made.savefig(tmp_path / name, metadata={"Date": None})
        pictures.append((tmp_path / name).read_bytes())
    assert pictures[0] == pictures[1]


def test_colors_rise_in_brightness_with_temperature():
    colors = temperature_colors([0.5, 0.3, 0.4, 0.5])
    assert sorted(colors) == [0.3, 0.4, 0.5]
    brightness = [np.dot(to_rgb(colors[t]), [0.2126, 0.7152, 0.0722]) for t in (0.3, 0.4, 0.5)]
    assert (np.diff(brightness) > 0.1).all()
