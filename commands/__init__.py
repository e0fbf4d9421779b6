"""The subcommands of ``vitreous``, one a file; `vitreous.cli` puts them together.

What takes long to import is imported inside the commands, so that help and usage errors come at
once.
"""
