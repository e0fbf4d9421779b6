import numpy as np
import pytest
from matplotlib.colors import to_rgb

from vitreous.dynamics import Estimate
from vitreous.models import TransferMatrix
from vitreous.plots import figure, scores_against_time, transfer_heatmap

PEARSON = np.array([[0.71, 0.62], [0.33, 0.84]])
ERRORS = np.array([[0.011, 0.022], [0.033, 0.044]])
CEILING = np.array([0.91, 0.92])


def matrix(pearson=PEARSON, errors=ERRORS, ceiling=CEILING):
    agreement = {"pearson_mean": Estimate(pearson, errors, 4)}
    return TransferMatrix(np.array([0.5, 0.4]), agreement, ceiling, [], np.array([4, 4]))


@pytest.fixture
def ax():
    return figure(3, 3)[1][0, 0]


def test_every_entry_shows_its_value_and_error(ax):
    image = transfer_heatmap(matrix(), ax)
    shown = {text.get_position(): text.get_text() for text in ax.texts}
    assert shown == {
        (0, 0): "0.710\n± 0.011",
        (1, 0): "0.620\n± 0.022",
        (0, 1): "0.330\n± 0.033",
        (1, 1): "0.840\n± 0.044",
        (0, 2): "0.91",
        (1, 2): "0.92",
    }
    np.testing.assert_array_equal(image.get_array(), PEARSON)


def test_a_model_of_all_has_a_row_of_its_own(ax):
    together = [Estimate(0.74, 0.012, 4), Estimate(0.29, 0.034, 4)]
    image = transfer_heatmap(matrix(), ax, together=together)
    np.testing.assert_array_equal(image.get_array(), [*PEARSON, [0.74, 0.29]])
    assert image.get_clim() == pytest.approx((0.25, 0.85))
    shown = {text.get_position(): text.get_text() for text in ax.texts}
    assert (shown[0, 2], shown[1, 2]) == ("0.740\n± 0.012", "0.290\n± 0.034")
    assert (shown[0, 3], shown[1, 3]) == ("0.91", "0.92")
    rows = [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]
    assert rows == ["0.5", "0.4", "all", "noise ceiling"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0.5", "0.4"]


@pytest.mark.parametrize(
    ("pearson", "limits"),
    [
        (PEARSON, (0.3, 0.85)),
        (np.array([[0.5, 0.5], [0.5, 0.5]]), (0.5, 0.55)),
        (np.array([[0.1 + 0.2, -0.21], [np.nan, 0.0]]), (-0.25, 0.3)),
        (np.full((2, 2), np.nan), (0.0, 1.0)),
    ],
)
def test_colors_span_the_entries(ax, pearson, limits):
    assert transfer_heatmap(matrix(pearson), ax).get_clim() == pytest.approx(limits)
    assert transfer_heatmap(matrix(pearson), ax, limits=(0, 1)).get_clim() == (0, 1)


def test_rows_and_columns_are_named(ax):
    transfer_heatmap(matrix(), ax)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0.5", "0.4"]
    rows = [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]
    assert rows == ["0.5", "0.4", "noise ceiling"]
    assert "tested" in ax.get_xlabel()
    assert "trained" in ax.get_ylabel()


def luminance(color):
    """Relative luminance as web accessibility guidelines define it."""
    channels = np.array(to_rgb(color))
    linear = np.where(channels < 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def test_text_stands_out_from_its_background(ax):
    image = transfer_heatmap(matrix(np.array([[0.0, 1.0], [0.49, 0.51]])), ax)
    for text in ax.texts:
        column, row = text.get_position()
        if row == 2:
            continue
        background = image.cmap(image.norm(image.get_array()[row, column]))
        dark, light = sorted([luminance(background), luminance(text.get_color())])
        assert (light + 0.05) / (dark + 0.05) > 4


def test_scores_against_time_draw_the_diagonal(ax):
    times = [0.1, 0.3, 1.0]
    rng = np.random.default_rng(0)
    pearson, errors = rng.uniform(0.2, 0.8, (2, 2, 2, 3))
    ceiling = rng.uniform(0.8, 1.0, (2, 3))
    scores_against_time(times, matrix(pearson, errors, ceiling), ax, ylabel="correlation of it")
    assert len(ax.containers) == 2
    for number, (bars, temperature) in enumerate(zip(ax.containers, ("0.5", "0.4"), strict=True)):
        line, _, (segments,) = bars
        np.testing.assert_allclose(line.get_xdata(orig=False), times)
        np.testing.assert_allclose(line.get_ydata(orig=False), pearson[number, number])
        ends = np.array([segment[:, 1] for segment in segments.get_segments()])
        np.testing.assert_allclose(ends[:, 1] - ends[:, 0], 2 * errors[number, number])
        assert temperature in bars.get_label()
    dashed = [line for line in ax.lines if line.get_linestyle() == "--"]
    np.testing.assert_allclose([line.get_ydata() for line in dashed], ceiling)
    assert ax.get_xscale() == "log"
    assert ax.get_ylabel() == "correlation of it"
    assert "tau_B" in ax.get_xlabel()
    assert "noise ceiling" in ax.get_legend().get_title().get_text()
