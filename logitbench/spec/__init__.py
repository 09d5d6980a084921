"""An experiment: read from TOML and flags into one validated, frozen object before anything slow begins."""

from logitbench.spec.experiment import (
    AUTO,
    MOST_SEEDS,
    NAME_PATTERN,
    OWN_FILE,
    DataSpec,
    ExperimentSpec,
    HeadSpec,
    ModelSpec,
    Name,
    PairsSpec,
    TrainingSpec,
    digest,
    named_after_data,
)
from logitbench.spec.reading import DATA_ENDINGS, SELECTORS, parse_setting, read
from logitbench.spec.validation import Section, validate

__all__ = [
    "AUTO",
    "DATA_ENDINGS",
    "MOST_SEEDS",
    "NAME_PATTERN",
    "OWN_FILE",
    "SELECTORS",
    "DataSpec",
    "ExperimentSpec",
    "HeadSpec",
    "ModelSpec",
    "Name",
    "PairsSpec",
    "Section",
    "TrainingSpec",
    "digest",
    "named_after_data",
    "parse_setting",
    "read",
    "validate",
]
