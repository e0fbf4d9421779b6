"""Descriptors of several states: names, values and how often a state is computed."""

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.pipeline import make_pipeline, make_union

from vitreous.descriptors import (
    BondOrderDescriptor,
    CageFluctuation,
    CoarseGrain,
    RadialDescriptor,
    StateAndShift,
    StateUnion,
)
from vitreous.liquid import KobAndersen, KobAndersen2D
from vitreous.simulate import CageState, InherentStructure, cage_average, minimize

SYSTEM = KobAndersen2D()


class Shifted(TransformerMixin, BaseEstimator):
    """Move every particle by the same vector; count how often."""

    calls = 0

    def __init__(self, shift=0.0):
        self.shift = shift

    def fit(self, configurations, y=None):
        return self

    def transform(self, configurations):
        Shifted.calls += len(configurations)
        return [c.with_positions(c.positions + self.shift) for c in configurations]


@pytest.fixture(scope="module")
def configurations():
    starts = [SYSTEM.random_configuration(90, random_state=seed) for seed in range(2)]
    return [minimize(SYSTEM, start, force_tolerance=1.0).configuration for start in starts]


def test_columns_are_those_of_each_state_and_the_distances(configurations):
    radial = RadialDescriptor([1.0, 1.2], 0.1, dtype="float64")
    inherent = InherentStructure(SYSTEM)
    cage = make_pipeline(InherentStructure(SYSTEM), CageState(SYSTEM, 0.1, duration=1.0))
    states = [("thermal", None), ("inherent", inherent), ("cage", cage)]
    union = StateUnion(states, radial, dtype="float64").fit(configurations)
    features = union.transform(configurations)
    paths = [configurations, *(state.transform(configurations) for _, state in states[1:])]
    described = [radial.fit_transform(state) for state in paths]
    distances = [
        np.concatenate(
            [
                np.linalg.norm(a.box.minimum_image(a.positions - b.positions), axis=1)
                for a, b in zip(paths[one], paths[other], strict=True)
            ]
        )
        for one, other in [(0, 1), (0, 2), (1, 2)]
    ]
    np.testing.assert_array_equal(features[:, :-3], np.concatenate(described, axis=1))
    np.testing.assert_allclose(features[:, -3:], np.transpose(distances), atol=1e-12)
    names = union.get_feature_names_out()
    assert names[0] == "radial[A] r=1 thermal"
    assert names[6] == "radial[A] r=1 inherent"
    assert names[-3:].tolist() == [
        "distance thermal-inherent",
        "distance thermal-cage",
        "distance inherent-cage",
    ]


def test_each_state_is_computed_once(configurations):
    Shifted.calls = 0
    descriptor = make_union(RadialDescriptor([1.0], 0.1), BondOrderDescriptor([6], [1.0]))
    states = [("here", None), ("there", Shifted(0.5)), ("elsewhere", Shifted(11.0))]
    union = StateUnion(states, descriptor)
    features = union.fit_transform(configurations)
    assert Shifted.calls == 2 * len(configurations)
    lengths = np.array(configurations[0].box.lengths)
    expected = [np.hypot(*(shift - lengths * np.rint(shift / lengths))) for shift in (0.5, 11.0)]
    np.testing.assert_allclose(features[:, -3], expected[0], rtol=1e-5)
    np.testing.assert_allclose(features[:, -2], expected[1], rtol=1e-5)


def test_with_or_without_descriptor_and_differences(configurations):
    states = [("thermal", None), ("there", Shifted(1.0))]
    radial = RadialDescriptor([1.0], 0.1)
    assert StateUnion(states).fit_transform(configurations).shape == (180, 1)
    assert StateUnion(states, radial, differences=False).fit_transform(configurations).shape == (
        180,
        6,
    )
    coarse = CoarseGrain(StateUnion(states, radial), cutoff=2.0, generations=1).fit(configurations)
    assert coarse.transform(configurations).shape == (180, 14)
    assert coarse.get_feature_names_out()[-1] == "distance thermal-there L=2 generation=1"


def test_can_be_cloned_and_does_not_change_its_parameters(configurations):
    state, radial = InherentStructure(SYSTEM), RadialDescriptor([1.0], 0.1)
    union = clone(StateUnion([("inherent", state)], radial)).fit(configurations)
    assert union.states[0][1] is not union.states_[0][1]
    assert not hasattr(union.descriptor, "species_")
    assert union.transform(configurations[:1]).shape == (90, 3)


@pytest.mark.parametrize(
    ("states", "descriptor", "message"),
    [
        ([], RadialDescriptor(), "at least one"),
        ([("a", None), ("a", None)], RadialDescriptor(), r"different names.*\['a', 'a'\]"),
        ([("a", None)], None, "give a descriptor"),
    ],
)
def test_bad_arguments_are_refused(configurations, states, descriptor, message):
    with pytest.raises(ValueError, match=message):
        StateUnion(states, descriptor).fit(configurations)
    deep = KobAndersen().random_configuration(200, random_state=1)
    with pytest.raises(ValueError, match="3D"):
        StateUnion([("a", None), ("b", InherentStructure(SYSTEM))]).fit([deep])


def test_cage_fluctuations_are_those_of_the_averages(configurations):
    state = CageState(SYSTEM, 0.1, duration=1.0, random_state=3)
    descriptor = CageFluctuation(state, dtype="float64")
    features = descriptor.fit_transform(configurations)
    expected = [
        cage_average(SYSTEM, c, 0.1, duration=1.0, random_state=3).mean_square_displacement
        for c in configurations
    ]
    np.testing.assert_array_equal(features[:, 0], np.concatenate(expected))
    assert descriptor.get_feature_names_out().tolist() == ["mean-square-displacement"]


def test_states_can_be_kept_on_disk(configurations, tmp_path, monkeypatch):
    states = [
        InherentStructure(SYSTEM, memory=str(tmp_path)),
        CageState(SYSTEM, 0.1, duration=0.5, memory=str(tmp_path)),
    ]
    first = [state.fit_transform(configurations) for state in states]

    def fail(*arguments, **settings):
        raise AssertionError("computed again")

    monkeypatch.setattr("vitreous.simulate._minima.minimize", fail)
    monkeypatch.setattr("vitreous.simulate.cage.advance_confined", fail)
    for state, before in zip(states, first, strict=True):
        for one, other in zip(clone(state).transform(configurations), before, strict=True):
            np.testing.assert_array_equal(one.positions, other.positions)
    with pytest.raises(AssertionError, match="computed again"):
        clone(states[1]).set_params(random_state=1).transform(configurations)


STATES = [InherentStructure(SYSTEM), CageState(SYSTEM, 0.1, duration=0.5)]


@pytest.mark.parametrize("states", [STATES[:1], STATES[1:], STATES], ids=["IS", "cage", "both"])
def test_pipelines_with_states_in_front_name_their_columns(configurations, states):
    radial = RadialDescriptor([1.0, 1.2], 0.1)
    pipeline = make_pipeline(*(clone(state) for state in states), radial).fit(configurations)
    names = radial.fit(configurations).get_feature_names_out().tolist()
    assert pipeline.get_feature_names_out().tolist() == names
    union = make_union(pipeline, CoarseGrain(pipeline, cutoff=2.0)).fit(configurations)
    assert len(set(union.get_feature_names_out())) == 4 * len(names)


def test_columns_behind_a_state_go_into_data_frames(configurations):
    pytest.importorskip("pandas")
    radial = RadialDescriptor([1.0, 1.2], 0.1)
    pipeline = make_pipeline(InherentStructure(SYSTEM), radial)
    plain = pipeline.fit_transform(configurations)
    for frame in (
        clone(pipeline).set_output(transform="pandas").fit_transform(configurations),
        under_pandas(clone(pipeline), configurations),
    ):
        assert list(frame.columns) == list(radial.get_feature_names_out())
        np.testing.assert_array_equal(frame.to_numpy(), plain)


def under_pandas(pipeline, configurations):
    with config_context(transform_output="pandas"):
        return pipeline.fit_transform(configurations)


def test_states_take_what_users_hold(configurations):
    state = InherentStructure(SYSTEM, force_tolerance=1e-3)
    (expected,) = state.fit_transform(configurations[:1])
    (made,) = clone(state).fit_transform([configurations[0].to_gsd()])
    assert made.species == SYSTEM.species
    np.testing.assert_array_equal(made.positions, expected.positions)
    with pytest.raises(TypeError, match="configuration 0: no configuration can be made of a str"):
        state.fit(["file.gsd"])


def test_state_and_shift_are_those_of_their_parts(configurations):
    radial = RadialDescriptor([1.0, 1.2], 0.1, dtype="float64")
    inherent = InherentStructure(SYSTEM)
    both = StateAndShift(inherent, radial, dtype="float64")
    features = both.fit_transform(configurations)
    minima = inherent.transform(configurations)
    np.testing.assert_array_equal(features[:, :-2], radial.fit_transform(minima))
    shift = np.concatenate(
        [
            np.linalg.norm(a.box.minimum_image(a.positions - b.positions), axis=1)
            for a, b in zip(configurations, minima, strict=True)
        ]
    )
    np.testing.assert_allclose(features[:, -2], shift, rtol=1e-12)
    np.testing.assert_allclose(features[:, -1], shift**2, rtol=1e-12)
    names = [*radial.get_feature_names_out(), "shift", "shift squared"]
    assert both.get_feature_names_out().tolist() == names
    Shifted.calls = 0
    StateAndShift(Shifted(0.1), radial).fit_transform(configurations)
    assert Shifted.calls == len(configurations)
