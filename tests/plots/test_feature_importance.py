import numpy as np
import pytest
from matplotlib.colors import to_hex

from vitreous.plots import feature_importance, figure

NAMES = [
    "radial[A] r=1",
    "radial[A] r=1.25",
    "radial[B] r=1",
    "radial[A] r=1 L=2 generation=1",
    "union__bond-order l=6 r=1",
    "energy",
    "density[all] L=2",
    "angular[A,B] xi=0.5 lambda=1 zeta=4",
]
IMPORTANCES = np.array([0.3, -0.1, 0.05, 0.15, 0.1, -0.05, 0.2, 0.05])


@pytest.fixture
def axes():
    return figure(7, 3, ncols=2)[1][0]


def bars(ax):
    labels = [label.get_text() for label in ax.get_yticklabels()]
    return dict(zip(labels, [bar.get_width() for bar in ax.patches], strict=True))


def test_bars_are_shares_of_groups_in_falling_order(axes):
    feature_importance(NAMES, IMPORTANCES, axes)
    expected = {
        "radial[A]": 0.4,
        "density[all]": 0.2,
        "radial[A], generation 1": 0.15,
        "bond-order": 0.1,
        "radial[B]": 0.05,
        "energy": 0.05,
        "angular[A,B]": 0.05,
    }
    drawn = bars(axes[0])
    assert list(drawn) == list(expected)
    assert drawn == pytest.approx(expected)


def test_curves_give_the_share_of_each_family_at_each_distance(axes):
    feature_importance(NAMES, IMPORTANCES, axes)
    curves = {line.get_label(): line.get_xydata() for line in axes[1].lines}
    assert set(curves) == {"radial", "density", "bond-order", "angular"}
    np.testing.assert_allclose(curves["radial"], [[1.0, 0.5], [1.25, 0.1]])
    np.testing.assert_allclose(curves["bond-order"], [[1.0, 0.1]])
    np.testing.assert_allclose(curves["density"], [[2.0, 0.2]])
    np.testing.assert_allclose(curves["angular"], [[0.5, 0.05]])


def test_families_have_one_color_in_both(axes):
    feature_importance(NAMES, IMPORTANCES, axes)
    of_curves = {line.get_label(): to_hex(line.get_color()) for line in axes[1].lines}
    labels = [label.get_text() for label in axes[0].get_yticklabels()]
    of_bars = dict(zip(labels, [to_hex(p.get_facecolor()) for p in axes[0].patches], strict=True))
    assert of_bars["radial[A]"] == of_bars["radial[A], generation 1"] == of_curves["radial"]
    assert of_bars["density[all]"] == of_curves["density"] != of_curves["radial"]


def test_small_groups_are_summed(axes):
    names = [f"feature-{n}" for n in range(20)]
    feature_importance(names, np.arange(1.0, 21.0), axes)
    drawn = bars(axes[0])
    assert len(drawn) == 15
    assert drawn["6 others"] == pytest.approx(sum(range(1, 7)) / 210)
    assert sum(drawn.values()) == pytest.approx(1.0)
    assert not axes[1].get_visible()


def test_bars_of_inflated_columns_are_hatched_and_said_not_to_be_read_one_by_one(axes):
    inflation = np.array([25.0, 3.0, 2.0, np.inf, 10.0, np.nan, 1.0, 1.0])
    feature_importance(NAMES, IMPORTANCES, axes, inflation)
    labels = [label.get_text() for label in axes[0].get_yticklabels()]
    hatched = {name for name, p in zip(labels, axes[0].patches, strict=True) if p.get_hatch()}
    assert hatched == {"radial[A]", "radial[A], generation 1"}
    said = " ".join(axes[0].get_xlabel().split())
    assert "cannot be read one by one" in said
    assert "above 10 in 2 of 8 columns" in said


def test_small_groups_together_are_hatched_for_any_of_them(axes):
    inflation = np.ones(20)
    inflation[0] = 60.0
    feature_importance(
        [f"feature-{n}" for n in range(20)], np.arange(1.0, 21.0), axes, inflation, 50
    )
    assert [bool(p.get_hatch()) for p in axes[0].patches] == 14 * [False] + [True]
    assert "above 50 in 1 of 20 columns" in axes[0].get_xlabel()


@pytest.mark.parametrize("inflation", [None, np.full(8, 10.0)])
def test_nothing_is_said_of_columns_within_the_limit(axes, inflation):
    feature_importance(NAMES, IMPORTANCES, axes, inflation)
    assert not any(p.get_hatch() for p in axes[0].patches)
    assert axes[0].get_xlabel() == "share of importance"


def test_bad_inflation(axes):
    with pytest.raises(ValueError, match="8 names, inflation of"):
        feature_importance(NAMES, IMPORTANCES, axes, np.ones(7))


@pytest.mark.parametrize(
    ("importances", "message"),
    [
        (np.ones(7), "8 names, importances of"),
        (np.full(8, np.nan), "finite"),
        (np.zeros(8), "not zero"),
    ],
)
def test_bad_importances(axes, importances, message):
    with pytest.raises(ValueError, match=message):
        feature_importance(NAMES, importances, axes)
