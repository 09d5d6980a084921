"""Write the names that ``logitbench/data/cldr.py`` reads, out of Unicode's CLDR as babel packages it.

``pip install babel==2.18.0 && python tests/make_cldr_names.py`` rewrites the file in ``logitbench/data/names``. Another
version of CLDR has other names, so it changes the figures of three experiments and of the README.
"""

from __future__ import annotations

import gzip
from pathlib import Path

from logitbench.data import cldr

BABEL = "2.18.0"
"""The version of babel that packages CLDR 47."""

KINDS = ("territories", "languages", "scripts", "currencies")
"""Attributes of babel's ``Locale``."""

LICENSE = Path(cldr.NAMES).with_name("LICENSE.unicode")


def table() -> str:
    """Return one line per concept: its kind, its key, and its name in each language, separated by tabs.

    A language without a name for the concept has an empty field.
    """
    from babel import Locale

    locales = [Locale.parse(language) for language in cldr.LANGUAGE_CLASSES]
    lines = ["\t".join(("kind", "key", *cldr.LANGUAGE_CLASSES))]
    for kind in KINDS:
        names = [getattr(locale, kind) for locale in locales]
        keys = sorted(set().union(*names))
        lines += ["\t".join((kind, key, *(name.get(key, "") for name in names))) for key in keys]
    return "".join(f"{line}\n" for line in lines)


def main() -> None:
    """Write the names, and beside them the licence that comes with them."""
    import babel
    from babel.core import get_cldr_version

    if babel.__version__ != BABEL:
        raise SystemExit(f"babel is {babel.__version__}, but the names come from {BABEL}. pip install babel=={BABEL}")
    if f"cldr-{get_cldr_version()}.tsv.gz" != cldr.NAMES.name:
        raise SystemExit(f"babel has CLDR {get_cldr_version()}, but the file to write is {cldr.NAMES.name}")
    cldr.NAMES.write_bytes(gzip.compress(table().encode(), mtime=0))
    LICENSE.write_bytes((Path(babel.__file__).parent / "locale-data" / "LICENSE.unicode").read_bytes())


if __name__ == "__main__":
    main()
