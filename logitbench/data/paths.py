"""The paths a user gives, and the errors that say where they led."""

from pathlib import Path

from logitbench.errors import DataError


def expanded(path: str) -> Path:
    """Return a path with its ``~`` or ``~user`` replaced by the home folder.

    Raises:
        DataError: There is no such home folder, or no file can have such a name.
    """
    if "\0" in path:
        raise DataError(f"no file can be named {path!r}", "Check the path after --data, or data.path.")
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise DataError(f"cannot expand {path!r}: there is no such home folder", "Write the path out.") from error


def shown(place: Path) -> str:
    """Return a path for a message; a relative one with the working directory from which it was looked for."""
    return repr(str(place)) if place.is_absolute() else f"{str(place)!r} in {Path.cwd()}"
