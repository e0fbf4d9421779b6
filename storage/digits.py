"""Numbers as they are shown: two significant digits, or as many as their error has."""

from __future__ import annotations

import math


def two_digits(value: float) -> str:
    """Round to two significant digits.

    >>> two_digits(1234.0), two_digits(0.04567)
    ('1200', '0.046')
    """
    return f"{float(f'{value:.1e}'):g}"


def with_error(value: float, error: float) -> str:
    """Show a value and its error, both to the second digit of the error.

    >>> with_error(0.51234, 0.01234), with_error(1234.0, 123.0)
    ('0.512 ± 0.012', '1230 ± 120')
    """
    if not error > 0 or not math.isfinite(error):
        return two_digits(value)
    decimals = 1 - math.floor(math.log10(float(f"{error:.1e}")))
    shown = max(decimals, 0)
    return f"{round(value, decimals):.{shown}f} ± {round(error, decimals):.{shown}f}"
