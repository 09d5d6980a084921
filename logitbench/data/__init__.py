"""Where examples come from: one source a file, one line here."""

SOURCES = {
    "cldr": "logitbench.data.cldr:Cldr",
    "cldr-characters": "logitbench.data.characters:Characters",
    "imdb": "logitbench.data.imdb:Imdb",
    "breast-cancer": "logitbench.data.bundled:BreastCancer",
    "digits": "logitbench.data.bundled:Digits",
    "file": "logitbench.data.file:File",
}
"""Sources by name, each ``module:class``; the class is a ``Source``."""
