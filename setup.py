"""Build script; everything about the distribution is declared in ``setup.cfg``."""

from setuptools import setup

setup(script_name="setup.py")  # Known by its name, it is not taken for a module of the package.
