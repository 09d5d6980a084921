"""Print pip constraints that pin every dependency in pyproject.toml to its lower bound: ``name>=1.2`` as ``name==1.2``.

The extra ``dev`` is left out: its tools may be the newest, because no user installs them.
"""

import re
import tomllib
from pathlib import Path

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]

extras = [names for extra, names in PROJECT["optional-dependencies"].items() if extra != "dev"]
for requirement in sorted({*PROJECT["dependencies"], *(name for names in extras for name in names)}):
    name, bound = re.match(r"([\w.-]+)>=([\w.]+)", requirement).groups()
    print(f"{name}=={bound}")
