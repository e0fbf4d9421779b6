"""What scikit-learn and joblib expect of every descriptor."""

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.pipeline import FeatureUnion, make_pipeline, make_union
from sklearn.preprocessing import StandardScaler

from vitreous import descriptors
from vitreous.datasets import load_ka2d
from vitreous.descriptors import (
    AngularDescriptor,
    BallisticDescriptor,
    BondAngleDescriptor,
    BondOrderDescriptor,
    CageDescriptor,
    CageFluctuation,
    CoarseGrain,
    CompactnessDescriptor,
    CoordinationDescriptor,
    DebyeWallerFactor,
    Descriptor,
    ExcessEntropyDescriptor,
    HeatedDescriptor,
    MeanPathDescriptor,
    PhysicsInspiredDescriptor,
    RadialDescriptor,
    SmoothedBondOrderDescriptor,
    SolidBondsDescriptor,
    StateAndShift,
    StateUnion,
    SteinhardtDescriptor,
    StretchedBonds,
    TetrahedralityDescriptor,
    VoronoiDescriptor,
    VoronoiSignatureDescriptor,
)
from vitreous.liquid import KobAndersen, KobAndersen2D
from vitreous.simulate import (
    CageFromRest,
    CageState,
    HeatedRuns,
    InherentStructure,
    PathFromRest,
)

DESCRIPTORS = [
    RadialDescriptor([1.0, 1.2, 1.5], 0.1),
    BondOrderDescriptor([2, 6], [1.0, 1.4]),
    CoarseGrain(RadialDescriptor([1.0, 1.4], 0.1), cutoff=2.0),
    CoarseGrain(
        make_union(RadialDescriptor([1.0], 0.1), BondOrderDescriptor([6], [1.0])), cutoff=2.0
    ),
    AngularDescriptor(cutoff=1.5),
    BondAngleDescriptor(1.4),
    CoordinationDescriptor(1.4),
    ExcessEntropyDescriptor(cutoff=1.5),
    SmoothedBondOrderDescriptor(1.4),
    StateUnion([("thermal", None)], RadialDescriptor([1.0, 1.2], 0.1)),
    SolidBondsDescriptor(1.4),
    SteinhardtDescriptor(1.4),
    TetrahedralityDescriptor(1.4),
]
every_descriptor = pytest.mark.parametrize("descriptor", DESCRIPTORS, ids=range(len(DESCRIPTORS)))


@pytest.fixture(params=[KobAndersen2D(), KobAndersen()], ids=["KA2D", "KA"])
def configurations(request):
    return [request.param.random_configuration(150, random_state=seed) for seed in range(3)]


@every_descriptor
def test_shape_order_and_names(descriptor, configurations):
    features = clone(descriptor).fit_transform(configurations)
    descriptor = clone(descriptor).fit(configurations)
    assert features.shape == (450, len(descriptor.get_feature_names_out()))
    assert features.dtype == np.float32
    apart = [descriptor.transform([configuration]) for configuration in configurations]
    np.testing.assert_array_equal(features, np.concatenate(apart))


@every_descriptor
def test_float64(descriptor, configurations):
    double = clone(descriptor).set_params(dtype="float64").fit_transform(configurations)
    single = clone(descriptor).fit_transform(configurations)
    assert double.dtype == np.float64
    np.testing.assert_allclose(single, double, rtol=1e-6, atol=1e-6)


@every_descriptor
@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_result_does_not_depend_on_n_jobs(descriptor, configurations, backend):
    serial = clone(descriptor).fit_transform(configurations)
    parallel = clone(descriptor).set_params(n_jobs=2).fit(configurations)
    with joblib.parallel_config(backend=backend):
        np.testing.assert_array_equal(parallel.transform(configurations), serial)


@every_descriptor
def test_clone_and_parameters(descriptor):
    copy = clone(descriptor)
    assert repr(copy) == repr(descriptor)
    copy.set_params(**descriptor.get_params(deep=False))
    assert not hasattr(copy, "species_")


@pytest.mark.parametrize("system", [KobAndersen2D(), KobAndersen()], ids=["KA2D", "KA"])
def test_descriptors_with_radii(system):
    """What depends on the number of species: copied, threaded, named, both dtypes."""
    radii = np.diag(system.potential.sigma) / 2
    configurations = [system.random_configuration(200, random_state=seed) for seed in range(2)]
    for descriptor in (
        CompactnessDescriptor(1.4, radii),
        PhysicsInspiredDescriptor(system, [0.0, 1.0], cutoff=2.5),
        VoronoiDescriptor(radii),
        VoronoiSignatureDescriptor(radii),
    ):
        features = clone(descriptor).fit_transform(configurations)
        threaded = clone(descriptor).set_params(n_jobs=2).fit(configurations)
        np.testing.assert_array_equal(threaded.transform(configurations), features)
        names = threaded.get_feature_names_out()
        assert features.shape == (400, len(names)) == (400, len(set(names)))
        double = clone(descriptor).set_params(dtype="float64").fit_transform(configurations)
        np.testing.assert_allclose(features, double, rtol=1e-6, atol=1e-6)


MINIMA = [KobAndersen2D(), KobAndersen()]


@pytest.mark.parametrize("system", MINIMA, ids=["KA2D", "KA"])
def test_descriptors_of_vibrations(system):
    """What needs a minimum of the energy: copied, threaded, named, both dtypes."""
    n = 200
    starts = [system.random_configuration(n, random_state=seed) for seed in range(2)]
    minima = InherentStructure(system).fit_transform(starts)
    for descriptor in (
        CageFluctuation(CageState(system, 0.1, duration=0.5)),
        DebyeWallerFactor(system),
        DebyeWallerFactor(system, n_samples=20),
    ):
        features = clone(descriptor).fit_transform(minima)
        threaded = clone(descriptor).set_params(n_jobs=2).fit(minima)
        np.testing.assert_array_equal(threaded.transform(minima), features)
        assert features.shape == (2 * n, len(threaded.get_feature_names_out())) == (2 * n, 1)
        assert (features > 0).all()
        double = clone(descriptor).set_params(dtype="float64").fit_transform(minima)
        np.testing.assert_allclose(features, double, rtol=1e-6)
        with pytest.raises(NotFittedError):
            clone(descriptor).transform(minima)


def test_descriptors_of_thermal_positions():
    """What needs thermal positions and a temperature: copied, threaded, named, both dtypes."""
    system = KobAndersen2D()
    thermal = load_ka2d().configurations[-2:]
    for descriptor in (
        BallisticDescriptor(system),
        MeanPathDescriptor(PathFromRest(system, times=[0.1, 0.5])),
        CageDescriptor(CageFromRest(system, releases=[0.7], duration=1.0, settling=0.5)),
        StretchedBonds(system, InherentStructure(system)),
        HeatedDescriptor(HeatedRuns(system, 0.7, times=[0.1, 0.3], n_replicas=2)),
        StateAndShift(InherentStructure(system), RadialDescriptor([1.0], 0.1)),
    ):
        features = clone(descriptor).fit_transform(thermal)
        threaded = clone(descriptor).set_params(n_jobs=2).fit(thermal)
        np.testing.assert_array_equal(threaded.transform(thermal), features)
        names = threaded.get_feature_names_out()
        assert features.shape == (2580, len(names)) == (2580, len(set(names)))
        double = clone(descriptor).set_params(dtype="float64").fit_transform(thermal)
        np.testing.assert_allclose(features, double, rtol=1e-5, atol=1e-6)
        with pytest.raises(NotFittedError):
            clone(descriptor).transform(thermal)


def test_no_descriptor_is_left_out():
    offered = {
        name
        for name in descriptors.__all__
        if isinstance(getattr(descriptors, name), type) and name != "Descriptor"
    }
    tested = {type(descriptor).__name__ for descriptor in DESCRIPTORS}
    with_radii = {
        "CompactnessDescriptor",
        "PhysicsInspiredDescriptor",
        "VoronoiDescriptor",
        "VoronoiSignatureDescriptor",
    }
    solid = {"CommonNeighborDescriptor", "CrystalStructureDescriptor"}
    of_vibrations = {"CageFluctuation", "DebyeWallerFactor"}
    thermal = {
        "BallisticDescriptor",
        "CageDescriptor",
        "HeatedDescriptor",
        "MeanPathDescriptor",
        "StateAndShift",
        "StretchedBonds",
    }
    assert tested | with_radii | solid | of_vibrations | thermal == offered


def test_clone_keeps_array_parameters():
    shells = np.array([1.0, 2.0])
    np.testing.assert_array_equal(clone(RadialDescriptor(shells=shells)).shells, shells)


def test_inner_parameters_can_be_searched():
    descriptor = CoarseGrain(make_union(RadialDescriptor()))
    descriptor.set_params(length=3.0, descriptor__radialdescriptor__widths=0.2)
    assert descriptor.descriptor.transformer_list[0][1].widths == 0.2


@every_descriptor
@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_set_output(descriptor, configurations, library):
    pytest.importorskip(library)
    descriptor = clone(descriptor).set_output(transform=library).fit(configurations)
    frame = descriptor.transform(configurations)
    assert list(frame.columns) == list(descriptor.get_feature_names_out())
    plain = clone(descriptor).fit_transform(configurations)
    np.testing.assert_array_equal(frame.to_numpy(), plain)


@every_descriptor
def test_unions_and_pipelines(descriptor, configurations):
    union = FeatureUnion([("first", clone(descriptor)), ("second", clone(descriptor))])
    pipeline = make_pipeline(union, StandardScaler(), Ridge())
    labels = np.arange(450.0)
    predicted = pipeline.fit(configurations, labels).predict(configurations)
    assert predicted.shape == (450,)
    names = pipeline[:-1].get_feature_names_out()
    assert len(names) == len(set(names)) == pipeline[-1].n_features_in_


@every_descriptor
def test_must_be_fitted(descriptor, configurations):
    with pytest.raises(NotFittedError):
        clone(descriptor).transform(configurations)
    with pytest.raises(NotFittedError):
        clone(descriptor).get_feature_names_out()


@every_descriptor
@pytest.mark.parametrize("method", ["fit", "transform"])
def test_bad_input(descriptor, configurations, method):
    call = getattr(clone(descriptor).fit(configurations), method)
    with pytest.raises(ValueError, match="at least one configuration"):
        call([])
    with pytest.raises(TypeError, match="put the single one into a list"):
        call(configurations[0])
    with pytest.raises(TypeError, match=r"configuration 0: .* a ndarray"):
        call([configurations[0].positions])


@every_descriptor
def test_other_species_and_dimensions(descriptor):
    flat = KobAndersen2D().random_configuration(150, random_state=0)
    deep = KobAndersen().random_configuration(150, random_state=0)
    with pytest.raises(ValueError, match=r"configuration 1 has the species \('A', 'B'\)"):
        clone(descriptor).fit([flat, deep])
    with pytest.raises(ValueError, match=r"configuration 0 has the species"):
        clone(descriptor).fit([flat]).transform([deep])


def test_other_dimension(liquid_pair):
    flat, deep = liquid_pair
    with pytest.raises(ValueError, match="configuration 0 has 3 dimensions"):
        RadialDescriptor([1.0], 0.1).fit([flat]).transform([deep])


@pytest.fixture
def liquid_pair():
    from vitreous.liquid import Box, Configuration

    return [
        Configuration(np.zeros((1, d)), [0], Box.cube(4.0, dimensions=d), ("A",)) for d in (2, 3)
    ]


@every_descriptor
def test_bad_dtype(descriptor, configurations):
    with pytest.raises(ValueError, match="'float16'"):
        clone(descriptor).set_params(dtype="float16").fit(configurations)


def test_a_new_descriptor_needs_two_methods(configurations):
    class Type(Descriptor):
        def __init__(self, n_jobs=None, dtype="float32"):
            self.n_jobs = n_jobs
            self.dtype = dtype

        def describe(self, configuration):
            return configuration.types[:, np.newaxis]

        def feature_names(self):
            return ["type"]

    features = Type().fit_transform(configurations)
    assert features.dtype == np.float32
    assert features[:, 0].tolist() == np.concatenate([c.types for c in configurations]).tolist()


@every_descriptor
def test_what_users_hold_goes_straight_in(descriptor, configurations):
    """Pairs of freud, GSD frames, and names of species in another order than that of fit."""
    descriptor = clone(descriptor).set_params(dtype="float64")
    expected = descriptor.fit_transform(configurations[:2])
    first, second = configurations[:2]
    points = np.pad(first.positions, ((0, 0), (0, 3 - first.dimensions)))
    box = first.to_freud()[0]
    names = np.array(second.species)[second.types]
    held = [(box, points, first.types), (second.box, second.positions, names)]
    np.testing.assert_allclose(descriptor.transform(held), expected, rtol=1e-5, atol=1e-5)
    frames = [configuration.to_gsd() for configuration in (first, second)]
    for frame in frames:
        frame.particles.types = frame.particles.types[::-1]
        frame.particles.typeid = len(first.species) - 1 - frame.particles.typeid
    np.testing.assert_array_equal(descriptor.transform(frames), expected)
    with pytest.raises(ValueError, match="configuration 0: unknown species 'Z'; known are A, B"):
        descriptor.transform([(first.box, first.positions, ["Z"] * first.n_particles)])


@every_descriptor
def test_two_particles_at_one_point_are_refused(descriptor, configurations):
    positions = configurations[0].positions.copy()
    positions[140] = positions[20]
    twice = configurations[0].with_positions(positions)
    with pytest.raises(ValueError, match="particles 20 and 140 lie at one point"):
        clone(descriptor).fit(configurations).transform([twice])
