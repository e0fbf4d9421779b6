"""Which species particles are of, from the names and numbers that files give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from string import ascii_uppercase

import numpy as np
from numpy.typing import NDArray

from ..liquid import System
from ..liquid.polydisperse import PolydisperseSystem
from ._errors import Refused
from ._text import Words

Species = Sequence[str] | Mapping[str, str]

_ELEMENTS = (  # noqa: SIM905
    "X H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge "
    "As Se Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm "
    "Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U "
    "Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og"
).split()


def parse_species(text: str) -> Mapping[str, str] | tuple[str, ...]:
    """Read what a user writes: ``1=C,2=A,3=B``, or names in the order of the types, ``C,A,B``.

    Raises
    ------
    ValueError
        If it is neither.

    Examples
    --------
    >>> parse_species("Ni=A, P=B")
    {'Ni': 'A', 'P': 'B'}
    """
    parts = [part.strip() for part in text.split(",")]
    pairs = [tuple(word.strip() for word in part.split("=")) for part in parts]
    lengths = {len(pair) for pair in pairs}
    if not all(all(pair) for pair in pairs) or lengths not in ({1}, {2}):
        raise ValueError(
            f"{text!r} does not tell species; write '1=C,2=A,3=B', 'Ni=A,P=B', or names in the "
            "order of the types, 'C,A,B'"
        )
    if lengths == {1}:
        return tuple(pair[0] for pair in pairs)
    if len({pair[0] for pair in pairs}) < len(pairs):
        raise ValueError(f"{text!r} gives one type two species")
    return {pair[0]: pair[1] for pair in pairs}


def types_of(
    columns: Mapping[str, Words],
    n_particles: int,
    species: Species | None,
    system: System | None,
    first_number: int = 1,
    columns_there: str = "",
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Turn what a file calls its particles into types and the names of all species.

    Names win over numbers. Numbers count the species in their order, unless a mapping says which is
    which.

    Parameters
    ----------
    columns : mapping of str to Words
        Columns that tell kinds, in the order in which they are asked.
    n_particles : int
    species : mapping or sequence of str, optional
        From names or numbers in the file to names of species; or these in the order of the numbers.
    system : System, optional
        Whose species, in its order, the particles must be of.
    first_number : int
        Number of the first species.
    columns_there : str
        Names of the columns of the file, for messages.

    Returns
    -------
    types : ndarray, shape (N,), int64
    species : tuple of str

    Raises
    ------
    Refused
        If a kind is of no known species.
    """
    known = None if system is None else system.species
    order = known if species is None or isinstance(species, Mapping) else tuple(species)
    if isinstance(system, PolydisperseSystem) and species is None:
        # All of one species, whatever types a program sorted the diameters into.
        return np.zeros(n_particles, dtype=np.int64), system.species
    if not columns:
        if order is not None and len(order) == 1:
            return np.zeros(n_particles, dtype=np.int64), order
        raise Refused(
            f"no type and no element among the columns {columns_there[:200]}, nor species, name or "
            "Z; a second file may have them (topology=, --topology)"
        )
    if isinstance(species, Mapping):
        return _mapped(columns, {str(k): str(v) for k, v in species.items()}, known)
    names = {
        name: words
        for name, words in columns.items()
        if not _are_numbers(words.names) or set(words.names) <= set(order or ())
    }
    if names:
        column, words = next(iter(names.items()))
        _require_told_apart(column, words, columns)
        types, order = _named(words, order, ordered=species is not None and system is None)
    else:
        types, order = _numbered(next(iter(columns.values())), order, first_number)
    if species is not None:
        return _in_order_of(types, order, known or tuple(dict.fromkeys(order)))
    return types, order


@lru_cache(maxsize=16)
def _are_numbers(names: tuple[str, ...]) -> bool:
    return all(_number(name) is not None for name in names)


def _number(name: str) -> int | None:
    digits = name.removeprefix("-").removesuffix(".0")
    return int(name.removesuffix(".0")) if digits.isdecimal() and digits.isascii() else None


def _require_told_apart(column: str, words: Words, columns: Mapping[str, Words]) -> None:
    """Refuse one name for all particles, as programs write where they know none, beside types."""
    for other, kinds in columns.items():
        if len(words.names) == 1 and len(kinds.names) > 1:
            raise Refused(
                f"all particles have the {column} {words.names[0][:60]!r}, and {len(kinds.names)} "
                f"different values of {other}; say which species these are (species=, --species "
                f"'{kinds.names[0][:60]}=A,...')"
            )


def _named(
    words: Words, order: tuple[str, ...] | None, ordered: bool
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    order = tuple(sorted(words.names)) if order is None else order
    unknown = sorted(set(words.names) - set(order))
    if unknown:
        remedy = "" if ordered else f"; say which it is (species=, --species '{unknown[0][:60]}=A')"
        raise Refused(f"unknown species {unknown[0][:60]!r}; known are {', '.join(order)}{remedy}")
    return np.array([order.index(name) for name in words.names])[words.codes], order


def _numbered(
    words: Words, order: tuple[str, ...] | None, first_number: int
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    types, order = _types_of_numbers(words.names, order, first_number)
    return types[words.codes], order


@lru_cache(maxsize=16)
def _types_of_numbers(
    names: tuple[str, ...], order: tuple[str, ...] | None, first_number: int
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Type that each number stands for, most often as in the frame before."""
    numbers = np.array([_number(name) for name in names], dtype=object)
    if min(numbers) < first_number:
        raise Refused(
            f"types count from {first_number}, and there is a type {min(numbers)}; say which "
            f"species it is (species=, --species '{min(numbers)}=A,...')"
        )
    highest = int(max(numbers)) - first_number + 1
    if order is None:
        if highest > len(ascii_uppercase):
            raise Refused(
                f"there is a type {max(numbers)}; name the species of so many (species=, --species)"
            )
        order = tuple(ascii_uppercase[:highest])
    if highest > len(order):
        raise Refused(
            f"there is a type {max(numbers)}, and {len(order)} species {', '.join(order)}; say "
            f"which is which (species=, --species '{max(numbers)}={order[0]},...')"
        )
    return (numbers - first_number).astype(np.int64), order


def _mapped(
    columns: Mapping[str, Words], mapping: dict[str, str], known: tuple[str, ...] | None
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Ask the first column all of whose words the mapping knows, the more literally the better."""
    strange = sorted(set(mapping.values()) - set(known or mapping.values()))
    if strange:
        raise Refused(f"no species {strange[0][:60]!r}; known are {', '.join(known or ())}")
    order = tuple(sorted(set(mapping.values()))) if known is None else known
    elements = {_ELEMENTS.index(name): kind for name, kind in mapping.items() if name in _ELEMENTS}
    numbers = {int(name): kind for name, kind in mapping.items() if name.isdecimal()}

    def itself(name: str) -> str | None:
        return mapping.get(name, name if name in order and _number(name) is None else None)

    def by_number(name: str) -> str | None:
        number = _ELEMENTS.index(name) if name in _ELEMENTS else _number(name)
        if number is None:
            return itself(name)
        return mapping.get(name, numbers.get(number, elements.get(number)))

    for meaning in (mapping.get, itself, by_number):
        for words in columns.values():
            found = [meaning(name) for name in words.names]
            if None not in found:
                return np.array([order.index(kind) for kind in found])[words.codes], order
    there = "; ".join(
        f"{column}: {', '.join(words.names[:10])[:200]}" for column, words in columns.items()
    )
    raise Refused(
        f"the mapping of {', '.join(mapping)} does not tell the species of all particles; in the "
        f"file are {there}"
    )


def _in_order_of(
    types: NDArray[np.int64], given: tuple[str, ...], known: tuple[str, ...]
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    strange = [name for name in given if name not in known]
    if strange:
        raise Refused(f"no species {strange[0][:60]!r}; known are {', '.join(known)}")
    return np.array([known.index(name) for name in given], dtype=np.int64)[types], known
