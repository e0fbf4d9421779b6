"""How Sphinx builds the documentation; `make docs` in the folder above does it."""

import importlib
import importlib.util
import inspect
import re
from pathlib import Path

import numpydoc.xref
from docutils import nodes
from sphinx.addnodes import download_reference, pending_xref
from sphinx.transforms import SphinxTransform

import vitreous

PUBLIC = {
    name: f"vitreous.{room}.{name}"
    for room in vitreous.__all__
    if room != "__version__"
    for name in importlib.import_module(f"vitreous.{room}").__all__
}

project = "vitreous"
author = "The vitreous developers"
copyright = author
version = release = vitreous.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "myst_parser",
    "numpydoc",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
default_role = "py:obj"
nitpicky = True
nitpick_ignore_regex = [("py:obj", r"(?!vitreous\.).*")]  # Parameters in single backticks.
suppress_warnings = ["config.cache"]  # The settings of the gallery hold functions.

# Markdown
myst_enable_extensions = ["amsmath", "colon_fence", "dollarmath"]
myst_heading_anchors = 4

# Reference
autosummary_generate = True
toc_object_entries_show_parents = "hide"
autodoc_typehints = "none"  # numpydoc's sections name the types.
numpydoc_show_class_members = False
numpydoc_xref_param_type = True
numpydoc_xref_ignore = "all"  # Only what is named here becomes a link.
numpydoc.xref.DEFAULT_LINKS.clear()  # Those of Python and NumPy would need the network.
numpydoc_xref_aliases = PUBLIC

# Tutorials
sphinx_gallery_conf = {
    "examples_dirs": "../examples/tutorials",
    "gallery_dirs": "tutorials",
    "filename_pattern": r"/\d\d_",
    "within_subsection_order": "FileNameSortKey",
    "backreferences_dir": "api/used_in",
    "doc_module": ("vitreous",),
    "download_all_examples": False,
    "remove_config_comments": True,
    "image_srcset": ["2x"],
    "capture_repr": (),
    "min_reported_time": 1,
    "write_computation_times": False,
    "abort_on_example_error": True,
}

# Mathematics, from a file of the site itself: pages work without a network.
_MATHJAX = Path(importlib.util.find_spec("sphinx-mathjax-offline").origin).parent
mathjax_path = "tex-svg.js"

# Look
html_theme = "pydata_sphinx_theme"
html_title = "vitreous"
html_static_path = ["_static", str(_MATHJAX / "static" / "mathjax" / "tex-svg.js")]
html_css_files = ["vitreous.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "header_links_before_dropdown": 5,
    "show_prev_next": True,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
}
html_sidebars = {
    page: []
    for page in [
        "getting_started",
        "to_the_glass_transition",
        "comparison",
        "stability",
        "contributing",
        "cite",
        "changelog",
    ]
}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True


def skip_foreign_members(app, what, name, obj, skip, options):
    """Leave out what classes inherit from other packages, and scikit-learn's request methods."""
    if name.startswith("set_") and name.endswith("_request"):
        return True
    function = obj.fget if isinstance(obj, property) else inspect.unwrap(obj)
    module = getattr(function, "__module__", None) or "vitreous"
    return True if not module.startswith("vitreous") else skip


class LinkPublicNames(SphinxTransform):
    """Link classes and functions that a page names in code style to the reference.

    Plain words in lower case are left alone: they may be names of labels or settings.
    """

    default_priority = 400

    def apply(self, **kwargs):
        """Wrap each such name in a reference that is resolved later."""
        for literal in list(self.document.findall(nodes.literal)):
            name, call = re.match(r"(\w*)(\(?)", literal.astext()).groups()
            told_apart = call or not name.isalpha() or not name.islower()
            linked = isinstance(literal.parent, pending_xref | nodes.reference)
            if name not in PUBLIC or not told_apart or linked:
                continue
            link = pending_xref(
                "", literal.deepcopy(), refdomain="py", reftype="obj", reftarget=PUBLIC[name]
            )
            link["refdoc"] = self.env.docname
            literal.replace_self(link)


class LinkTutorials(SphinxTransform):
    """Turn links to the files of tutorials, which GitHub shows, into links to their pages."""

    default_priority = 400

    def apply(self, **kwargs):
        """Replace what would be downloads."""
        for download in list(self.document.findall(download_reference)):
            tutorial = re.search(r"examples/tutorials/(\w+)\.py$", download["reftarget"])
            if tutorial:
                page = f"/tutorials/{tutorial[1]}"
                link = pending_xref("", refdomain="std", reftype="doc", reftarget=page)
                link["refdoc"], link["refexplicit"] = self.env.docname, True
                link += nodes.inline("", "", *download.children)
                download.replace_self(link)


def setup(app):
    """Connect all of the above."""
    app.add_transform(LinkPublicNames)
    app.add_transform(LinkTutorials)
    app.connect("autodoc-skip-member", skip_foreign_members)
