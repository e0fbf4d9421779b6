"""How the kernels of this package are compiled."""

from . import notice  # noqa: F401  (listens from now on)
