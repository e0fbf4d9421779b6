"""Recipe numbers: what results kept on disk depend on besides what went into them.

Whoever changes what a step gives for the same input raises its number. Results of other numbers
are then not found and made anew, with all that was made from them; another version of the package
alone leaves them valid.
"""

EQUILIBRATION = 1
"""Swap Monte Carlo, from random positions or from another temperature."""

INHERENT_STRUCTURE = 1
"""Minimisation of the energy."""

RELAXATION = 1
"""Relaxation times."""

ENSEMBLE = 1
"""Labels of isoconfigurational ensembles."""

FEATURES = 2
"""Columns of descriptors."""

MODELS = 5
"""Trained models, their predictions and scores."""
