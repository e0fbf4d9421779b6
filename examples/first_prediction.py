"""Learn the dynamics of a 2D glass former at one temperature and predict an unseen structure.

Run with ``python examples/first_prediction.py``. It takes about a minute on two cores and leaves a
picture, ``first_prediction.png``.
"""

from sklearn.pipeline import make_pipeline, make_union

from vitreous.descriptors import BondOrderDescriptor, CoarseGrain, RadialDescriptor
from vitreous.dynamics import pearson
from vitreous.liquid import KobAndersen2D
from vitreous.models import GroupedRidge, PropensityRegressor, noise_ceiling
from vitreous.plots import figure, particle_map, style
from vitreous.simulate import InherentStructure, equilibrate, isoconfigurational_ensemble

system, temperature, time = KobAndersen2D(), 0.42, 100.0

# Independent configurations by swap Monte Carlo, and what their particles do within the time.
configurations, labels = [], []
for seed in range(6):
    run = equilibrate(system, 774, temperature, n_sweeps=3000, random_state=seed)
    ensemble = isoconfigurational_ensemble(
        system, run.configuration, temperature, [time], n_replicas=8, random_state=seed, n_jobs=2
    )
    configurations.append(run.configuration)
    labels.append(ensemble.at("broken_bonds"))

# Learn from all but the last; a model sees nothing but the structure at t = 0.
descriptor = make_pipeline(
    InherentStructure(system),
    CoarseGrain(make_union(RadialDescriptor(), BondOrderDescriptor())),
)
model = PropensityRegressor(descriptor, GroupedRidge(), n_jobs=2)
model.fit(configurations[:-1], labels[:-1])

# Predict the last; replicas of finite number limit how well any prediction can do.
unseen, true = configurations[-1], labels[-1]
even, odd = ensemble.halves_at("broken_bonds")
(predicted,) = model.predict([unseen])
for species in system.species:
    chosen = unseen.of_species(species)
    correlation = pearson(true[chosen], predicted[chosen])
    ceiling = noise_ceiling(even[chosen], odd[chosen])
    print(f"{species}: Pearson correlation {correlation:.2f}, noise ceiling {ceiling:.2f}")

# Draw both, each on its own scale: bright particles lose their neighbours first.
with style():
    canvas, axes = figure(7.0, 3.9, ncols=2)
    for ax, title, values in zip(
        axes[0], ("simulated", "predicted"), (true, predicted), strict=True
    ):
        disks = particle_map(system, unseen, values, ax)
        canvas.colorbar(disks, ax=ax, location="bottom", label=f"broken bonds at $t={time:g}$")
        ax.set_title(title)
    canvas.savefig("first_prediction.png")
