"""Features that stream, and the files that they stream into."""

import tracemalloc

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_union

from vitreous.descriptors import (
    BondOrderDescriptor,
    CoarseGrain,
    RadialDescriptor,
    save_features,
    stream_features,
)
from vitreous.liquid import KobAndersen2D

DESCRIPTORS = [
    RadialDescriptor([1.0, 1.5], 0.1),
    CoarseGrain(make_union(RadialDescriptor([1.0], 0.1), BondOrderDescriptor([6])), cutoff=3.0),
]
every_descriptor = pytest.mark.parametrize("descriptor", DESCRIPTORS, ids=["alone", "union"])


def configurations(sizes=(150, 150, 200, 150, 250)):
    return [KobAndersen2D().random_configuration(n, seed) for seed, n in enumerate(sizes)]


@every_descriptor
@pytest.mark.parametrize("n_jobs", [None, 2, 7])
def test_streams_what_transform_gives(descriptor, n_jobs):
    descriptor = descriptor.fit(configurations())
    blocks = list(stream_features(descriptor, iter(configurations()), n_jobs=n_jobs))
    assert [len(block) for block in blocks] == [150, 150, 200, 150, 250]
    np.testing.assert_array_equal(np.concatenate(blocks), descriptor.transform(configurations()))


@pytest.mark.parametrize("n_jobs", [1, 3])
def test_never_reads_ahead_of_the_workers(n_jobs):
    taken = 0

    def trajectory():
        nonlocal taken
        for configuration in configurations([150] * 9):
            taken += 1
            yield configuration

    descriptor = RadialDescriptor([1.0], 0.1).fit(configurations())
    for number, _ in enumerate(stream_features(descriptor, trajectory(), n_jobs=n_jobs)):
        assert taken <= number + n_jobs


def test_memory_does_not_grow_with_the_trajectory(tmp_path):
    descriptor = RadialDescriptor(np.arange(1.0, 2.0, 0.01), 0.1).fit(configurations())
    peaks = []
    for n_configurations in (2, 40):
        trajectory = (KobAndersen2D().random_configuration(300, 1) for _ in range(n_configurations))
        tracemalloc.start()
        save_features(tmp_path / "features.npy", descriptor, trajectory)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0]


@every_descriptor
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_saves_what_transform_gives(tmp_path, descriptor, dtype):
    descriptor = clone(descriptor).set_params(dtype=dtype).fit(configurations())
    path = tmp_path / "features.npy"
    features = save_features(path, descriptor, iter(configurations()), n_jobs=2)
    assert isinstance(features, np.memmap)
    assert features.dtype == dtype
    np.testing.assert_array_equal(features, descriptor.transform(configurations()))
    np.testing.assert_array_equal(np.load(path), features)
    assert [file.name for file in tmp_path.iterdir()] == ["features.npy"]


def test_workers_read(tmp_path):
    names = []
    for number, configuration in enumerate(configurations()):
        names.append(tmp_path / f"{number}.npy")
        np.save(names[-1], configuration.positions)

    def read(name):
        positions = np.load(name)
        return KobAndersen2D().random_configuration(len(positions), 0).with_positions(positions)

    descriptor = RadialDescriptor([1.0], 0.1).fit(configurations())
    features = save_features(tmp_path / "features.npy", descriptor, names, read, n_jobs=2)
    expected = np.concatenate([descriptor.transform([read(name)]) for name in names])
    np.testing.assert_array_equal(features, expected)


def test_an_interrupted_call_leaves_the_old_file(tmp_path):
    def interrupted():
        yield from configurations()[:2]
        raise KeyboardInterrupt

    path = tmp_path / "features.npy"
    np.save(path, [1.0])
    descriptor = RadialDescriptor([1.0], 0.1).fit(configurations())
    with pytest.raises(KeyboardInterrupt):
        save_features(path, descriptor, interrupted())
    np.testing.assert_array_equal(np.load(path), [1.0])
    assert [file.name for file in tmp_path.iterdir()] == ["features.npy"]


def test_progress_is_told():
    descriptor = RadialDescriptor([1.0], 0.1).fit(configurations())
    told = []
    given = configurations()
    list(stream_features(descriptor, given, progress=lambda *step: told.append(step)))
    assert told == [("describe", done, len(given)) for done in range(len(given) + 1)]
    told.clear()
    list(stream_features(descriptor, iter(given), progress=lambda *step: told.append(step)))
    assert told[-1] == ("describe", len(given), 0)


def test_bad_input(tmp_path):
    descriptor = RadialDescriptor([1.0], 0.1).fit(configurations())
    with pytest.raises(ValueError, match="at least one configuration"):
        save_features(tmp_path / "features.npy", descriptor, [])
    with pytest.raises(ValueError, match=r"features\.txt"):
        save_features(tmp_path / "features.txt", descriptor, configurations())
    with pytest.raises(TypeError, match="no configuration can be made of a ndarray"):
        save_features(tmp_path / "features.npy", descriptor, [np.zeros(3)])
    assert not list(tmp_path.iterdir())
