from __future__ import annotations

import pytest

from logitbench.report.plain import without_folders


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/home/ada/mail/spam.csv has no label", "spam.csv has no label"),
        ("see '/home/ada/model.py', line 3", "see 'model.py', line 3"),
        ("(file:///home/ada/model.py:12)", "(model.py:12)"),
        ("https://keras.io/api/losses/ says so", "https://keras.io/api/losses/ says so"),
        ("Reading /home/ada/my own mail/spam.csv", "Reading spam.csv"),
        ("see '/home/ada/my mail/spam 2.csv'", "see 'spam 2.csv'"),
        ("/home/ada/model.py and/or data/x", "model.py and/or data/x"),
        ("--to=/home/ada/dump --at=/home/ada/ B=/home/ada/x:/home/bob/y", "--to=dump --at= B=x:y"),
        ("3/4 of data/mail/spam.csv and/or more / less", "3/4 of data/mail/spam.csv and/or more / less"),
    ],
)
def test_absolute_paths_are_shortened_to_names_and_nothing_else_is(text: str, shown: str) -> None:
    assert without_folders(text) == shown
