"""The protocol of engines, the choice between them, and HOOMD-blue where it is absent."""

import re
import signal
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from vitreous import __version__
from vitreous.liquid import KobAndersen, KobAndersen2D, PolydisperseSoftSpheres, System
from vitreous.simulate import (
    EmbeddedEngine,
    Engine,
    EngineDescription,
    HoomdEngine,
    check_engine,
    get_engine,
    isoconfigurational_ensemble,
    measure_relaxation,
)

SYSTEM = KobAndersen2D()


def fake_hoomd(version, gpu=False, bits=64):
    """Stand in for an installed HOOMD-blue as far as settings of an engine go."""
    module = ModuleType("hoomd")
    module.version = SimpleNamespace(version=version, floating_point_precision=(bits, 32))
    # A build for GPUs calls them available even where there is none.
    module.device = SimpleNamespace(
        GPU=SimpleNamespace(
            is_available=lambda: True,
            get_available_devices=lambda: ["a GPU"] if gpu else [],
        )
    )
    return module


def install(monkeypatch, module):
    monkeypatch.setitem(sys.modules, "hoomd", module)


def test_embedded_engine_satisfies_the_protocol():
    assert isinstance(EmbeddedEngine(SYSTEM), Engine)
    assert not isinstance(SYSTEM, Engine)


@pytest.mark.parametrize("version", ["4.3.0", "4.8.2", "5.1.0", "6.0.0", "7.0.1"])
def test_supported_versions_satisfy_the_protocol(monkeypatch, version):
    install(monkeypatch, fake_hoomd(version))
    engine = HoomdEngine(SYSTEM)
    assert isinstance(engine, Engine)
    assert engine.time_step == SYSTEM.time_step


@pytest.mark.parametrize("version", ["2.9.7", "3.11.0", "4.2.1", "8.0.0", "10.1.0"])
def test_unsupported_versions_are_refused_by_name(monkeypatch, version):
    install(monkeypatch, fake_hoomd(version))
    with pytest.raises(ImportError, match=rf"HOOMD-blue {version} .* 4\.3 .* conda-forge"):
        HoomdEngine(SYSTEM)


def test_single_precision_is_refused(monkeypatch):
    install(monkeypatch, fake_hoomd("7.0.1", bits=32))
    with pytest.raises(ImportError, match="HOOMD_LONGREAL_SIZE=32; double precision needs 64"):
        HoomdEngine(SYSTEM)


REMEDIES = re.escape("engine='embedded' (in TOML `ensemble.engine = \"embedded\"`)")


@pytest.mark.parametrize(
    "make",
    [
        lambda: HoomdEngine(SYSTEM),
        lambda: get_engine(SYSTEM, "hoomd"),
        lambda: check_engine(SYSTEM, "hoomd", n_particles=1000),
    ],
)
def test_absence_names_the_remedy(monkeypatch, make):
    install(monkeypatch, None)
    with pytest.raises(ImportError, match=f"conda install -c conda-forge hoomd.*{REMEDIES}"):
        make()


def test_import_leaves_handlers_as_they_were(monkeypatch, tmp_path):
    install(monkeypatch, None)
    del sys.modules["hoomd"]
    (tmp_path / "hoomd.py").write_text(
        "import signal, sys\n"
        "from types import SimpleNamespace\n"
        "version = SimpleNamespace(version='4.8.2', floating_point_precision=(64, 32))\n"
        "installed = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))\n"
        "sys.excepthook = lambda *details: None\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    before = signal.getsignal(signal.SIGTERM), sys.excepthook
    HoomdEngine(SYSTEM)
    assert sys.modules["hoomd"].__file__ == str(tmp_path / "hoomd.py")
    assert (signal.getsignal(signal.SIGTERM), sys.excepthook) == before


def test_auto_is_embedded_without_a_gpu(monkeypatch):
    for module in (None, fake_hoomd("4.8.2", gpu=False), fake_hoomd("3.0.0", gpu=True)):
        install(monkeypatch, module)
        assert isinstance(get_engine(SYSTEM, n_particles=1_000_000), EmbeddedEngine)


def test_auto_is_hoomd_for_large_systems_on_a_gpu(monkeypatch):
    install(monkeypatch, fake_hoomd("4.8.2", gpu=True))
    large = get_engine(SYSTEM, n_particles=20_000, time_step=0.002)
    assert isinstance(large, HoomdEngine)
    assert (large.device, large.time_step) == ("gpu", 0.002)
    assert isinstance(get_engine(SYSTEM, n_particles=19_999), EmbeddedEngine)
    polydisperse = PolydisperseSoftSpheres(2)
    assert isinstance(get_engine(polydisperse, n_particles=20_000), EmbeddedEngine)


def test_named_engine_takes_the_time_step():
    assert get_engine(SYSTEM, "embedded", time_step=0.002).time_step == 0.002
    assert get_engine(SYSTEM).time_step == SYSTEM.time_step


def test_an_engine_is_used_as_it_is():
    engine = EmbeddedEngine(SYSTEM, time_step=0.003)
    assert get_engine(SYSTEM, engine) is engine
    with pytest.raises(ValueError, match="the engine runs KA2D, not KA"):
        get_engine(KobAndersen(), engine)


def test_unknown_names_are_refused(monkeypatch):
    install(monkeypatch, fake_hoomd("4.8.2"))
    with pytest.raises(ValueError, match="unknown engine 'lammps'"):
        get_engine(SYSTEM, "lammps")
    for settings, message in (
        ({"device": "tpu"}, "'tpu'"),
        ({"device": "gpu"}, "finds no GPU"),
        ({"table_points": 10}, "table_points must be 100 or more, not 10"),
        ({"buffer": 0.0}, "buffer"),
        ({"time_step": -0.1}, "time step must be positive"),
    ):
        with pytest.raises(ValueError, match=message):
            HoomdEngine(SYSTEM, **settings)


def test_continuous_diameters_are_refused(monkeypatch):
    install(monkeypatch, fake_hoomd("4.8.2"))
    system = PolydisperseSoftSpheres(2)
    with pytest.raises(ValueError, match=f"continuous diameters.*{REMEDIES}"):
        HoomdEngine(system)
    with pytest.raises(ValueError, match="continuous diameters"):
        check_engine(system, "hoomd", n_particles=1000)
    for name in ("embedded", "auto"):
        check_engine(system, name, n_particles=1000)


def test_descriptions_tell_what_runs(monkeypatch):
    assert EmbeddedEngine(SYSTEM).description == EngineDescription("embedded", __version__, "cpu")
    for gpu, setting, device in (
        (False, "auto", "cpu"),
        (True, "auto", "gpu"),
        (True, "gpu", "gpu"),
        (True, "cpu", "cpu"),
    ):
        install(monkeypatch, fake_hoomd("7.0.1", gpu=gpu))
        description = HoomdEngine(SYSTEM, device=setting).description
        assert description == EngineDescription("hoomd", "7.0.1", device)


def diluted(system, length):
    """The same interactions at the density that puts 100 particles into a box of a length."""
    return System(
        system.name,
        system.species,
        system.fractions,
        100 / length**system.dimensions,
        system.dimensions,
        system.potential,
    )


@pytest.mark.parametrize("system", [KobAndersen2D(), KobAndersen()], ids=repr)
@pytest.mark.parametrize(("engine", "margin"), [("embedded", 0.0), ("hoomd", 0.02)])
def test_check_refuses_boxes_shorter_than_two_cutoffs(monkeypatch, system, engine, margin):
    """As the engine itself does once there is a liquid."""
    install(monkeypatch, fake_hoomd("7.0.1"))
    shortest = 2 * system.potential.max_cutoff + margin
    small, large = (diluted(system, shortest * (1 + change)) for change in (-1e-6, 1e-6))
    check_engine(large, engine, n_particles=100)
    cutoff = f"cutoff {system.potential.max_cutoff:g} exceeds half .*; use more particles"
    with pytest.raises(ValueError, match=cutoff):
        check_engine(small, engine, n_particles=100)
    crowd = small.random_configuration(100, random_state=1)
    with pytest.raises(ValueError, match=cutoff):
        get_engine(small, engine).energies_and_forces(crowd)


def test_check_knows_the_largest_diameter():
    system = PolydisperseSoftSpheres(3)
    sizes = range(50, 400)
    passed = []
    for n_particles in sizes:
        configuration = system.random_configuration(n_particles, random_state=5)
        passed.append(2 * system.largest_cutoff(configuration) <= configuration.box.lengths[0])
    smallest = sizes[passed.index(True)]
    check_engine(system, n_particles=smallest)
    with pytest.raises(ValueError, match="exceeds half the shortest box length"):
        check_engine(system, n_particles=smallest - 1)


def test_check_refuses_unknown_names_and_no_particles():
    with pytest.raises(ValueError, match="unknown engine 'lammps'"):
        check_engine(SYSTEM, "lammps", n_particles=1000)
    with pytest.raises(ValueError, match="at least one particle, not 0"):
        check_engine(SYSTEM, n_particles=0)


class CountingEngine:
    """An engine of one's own, which runs the embedded one and counts."""

    def __init__(self, system, time_step):
        self.system = system
        self.time_step = time_step
        self.inner = EmbeddedEngine(system, time_step=time_step)
        self.runs = []
        self.description = EngineDescription("counting", "1", "cpu")

    def require(self, configuration):
        self.inner.require(configuration)

    def run(self, configuration, **arguments):
        self.runs.append(arguments)
        return self.inner.run(configuration, **arguments)

    def energies_and_forces(self, configuration):
        return self.inner.energies_and_forces(configuration)


def test_ensemble_runs_the_engine_it_is_given(liquid_2d):
    system, configuration = liquid_2d
    engine = CountingEngine(system, time_step=0.004)
    given, named = (
        isoconfigurational_ensemble(
            system, configuration, 1.0, [0.2], n_replicas=3, random_state=2, engine=choice
        )
        for choice in (engine, EmbeddedEngine(system, time_step=0.004))
    )
    assert len(engine.runs) == 3
    np.testing.assert_array_equal(given.halves("displacement"), named.halves("displacement"))
    default = isoconfigurational_ensemble(
        system, configuration, 1.0, [0.2], n_replicas=3, random_state=2
    )
    assert abs(given.matrix("displacement") - default.matrix("displacement")).max() > 0


def test_relaxation_runs_the_engine_it_is_given(liquid_2d):
    system, configuration = liquid_2d
    engine = CountingEngine(system, time_step=0.004)
    measured = measure_relaxation(
        system, [configuration] * 2, 1.0, level=0.9, longest_time=50.0, engine=engine
    )
    assert len(engine.runs) == 2
    assert measured.times[0] == pytest.approx(0.04)
