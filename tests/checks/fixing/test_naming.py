"""How a class of Keras is named in a program."""

from __future__ import annotations

import pytest

from tests.checks.fixing.programs import fixed, fixed_file


@pytest.mark.parametrize(
    ("imports", "keras", "named"),
    [
        ("import keras", "keras", "keras.metrics.BinaryAccuracy"),
        ("import keras.layers", "keras", "keras.metrics.BinaryAccuracy"),
        ("from tensorflow import keras", "keras", "keras.metrics.BinaryAccuracy"),
        ("import tensorflow as tf", "tf.keras", "tf.keras.metrics.BinaryAccuracy"),
        ("import tensorflow.compat.v1 as tf", "tf.keras", "tf.keras.metrics.BinaryAccuracy"),
        ("import tensorflow as tf\nkeras = tf.keras", "keras", "keras.metrics.BinaryAccuracy"),
        ("import tf_keras as tk", "tk", "tk.metrics.BinaryAccuracy"),
        ("import tensorflow as tf\nfrom tensorflow.keras import metrics", "tf.keras", "metrics.BinaryAccuracy"),
        ("import keras\nfrom keras.metrics import BinaryAccuracy as BA", "keras", "BA"),
        ("import keras\nfrom sklearn import metrics", "keras", "keras.metrics.BinaryAccuracy"),
        ("import keras\nimport tf_keras", "tf_keras", "tf_keras.metrics.BinaryAccuracy"),
        (
            "try:\n    import keras\nexcept ImportError:\n    from tensorflow import keras",
            "keras",
            "keras.metrics.BinaryAccuracy",
        ),
    ],
)
def test_a_way_that_the_program_has_is_taken(imports: str, keras: str, named: str) -> None:
    text = (
        f"{imports}\n{keras}.Sequential([{keras}.layers.Dense(1)]).compile(\n"
        f"    loss={keras}.losses.BinaryCrossentropy(from_logits=True), metrics=['acc'])\n"
    )
    assert fixed(text, unsafe=False) == text.replace("'acc'", f'{named}(threshold=0.0, name="acc")')


FEW = """from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Dense
{}
Sequential([Dense(1)]).compile("adam", "bce"){}
"""


@pytest.mark.parametrize(
    ("taken", "imported", "named"),
    [
        ("", "from tensorflow.keras.losses import BinaryCrossentropy", "BinaryCrossentropy"),
        ("BinaryCrossentropy = 1", "from tensorflow.keras import losses", "losses.BinaryCrossentropy"),
        (
            "def f(losses, BinaryCrossentropy): ...",
            "from tensorflow.keras import losses as keras_losses",
            "keras_losses.BinaryCrossentropy",
        ),
        (
            "from plain import *",
            "from tensorflow.keras import losses as keras_losses",
            "keras_losses.BinaryCrossentropy",
        ),
    ],
)
def test_an_import_is_added_under_a_name_that_is_free(taken: str, imported: str, named: str) -> None:
    done = fixed(FEW.format(taken, ""))
    assert f"import Dense\n{imported}\n" in done
    assert f"{named}(from_logits=True))" in done


def test_where_every_name_is_taken_it_is_left_and_said() -> None:
    done = fixed_file(FEW.format("losses = BinaryCrossentropy = keras_losses = 1", ""))
    assert done.after == done.before
    assert done.left == ("line 4: LB101: every name for BinaryCrossentropy is taken",)


@pytest.mark.parametrize(
    "shadow",
    [
        "def go(keras):\n    {}",
        "def go():\n    {}\n    keras = None",
        "def go():\n    global keras\n    keras = None\ngo()\n{}",
        "for keras in (1, 2):\n    pass\n{}",
        "with open('x') as keras:\n    pass\n{}",
        "class keras:\n    pass\n{}",
        "try:\n    pass\nexcept OSError as keras:\n    pass\n{}",
        "match 1:\n    case keras:\n        pass\n{}",
    ],
)
def test_a_name_that_may_be_something_else_there_is_not_used(shadow: str) -> None:
    line = "K.Sequential([K.layers.Dense(1)]).compile('adam', 'bce')"
    done = fixed("import keras\nimport keras as K\n" + shadow.format(line) + "\n")
    assert "K.losses.BinaryCrossentropy(from_logits=True)" in done


def test_an_import_is_put_behind_one_of_the_same_keras_and_not_before_the_backend_is_chosen() -> None:
    text = '"""Doc."""\nfrom __future__ import annotations\nimport os\nos.environ["KERAS_BACKEND"] = "jax"\n'
    assert fixed(text + FEW.format("", "")).startswith(
        text + "from tensorflow.keras.models import Sequential\nfrom tensorflow.keras.layers import Dense\n"
        "from tensorflow.keras.losses import BinaryCrossentropy\n"
    )


def test_an_import_in_a_function_stays_there() -> None:
    body = "    from keras.layers import Dense\n    from keras import Sequential  # lazily\n"
    line = "    Sequential([Dense(1)]).compile('adam', 'bce')\n"
    assert fixed(f"def go():\n{body}{line}") == (
        f"def go():\n{body}    from keras.losses import BinaryCrossentropy\n"
        f"{line.replace(repr('bce'), 'BinaryCrossentropy(from_logits=True)')}"
    )


@pytest.mark.parametrize(
    "imports", ["import os; from keras import Sequential, layers", "if x: from keras import Sequential, layers"]
)
def test_an_import_that_is_not_alone_on_its_line_has_none_put_behind(imports: str) -> None:
    done = fixed_file(f"{imports}\nSequential([layers.Dense(1)]).compile('adam', 'bce')\n")
    assert done.after == done.before
    assert "no import of keras" in done.left[0]


def test_of_two_kinds_of_keras_none_is_guessed() -> None:
    done = fixed_file(
        "from keras.layers import *\nfrom tf_keras import Sequential\nSequential([Dense(1)]).compile('adam', 'bce')\n"
    )
    assert done.after == done.before
    assert done.left == ("line 3: LB101: it is not clear which Keras its BinaryCrossentropy would be from",)


def test_two_imports_at_one_place_stand_in_order() -> None:
    imports = (
        "from keras import Sequential\nfrom keras.layers import Dense\nfrom keras.losses import BinaryCrossentropy\n"
    )
    loss = "BinaryCrossentropy(from_logits=True)"
    done = fixed(f"{imports}Sequential([Dense(1)]).compile('adam', {loss}, metrics=['recall', 'acc'])\n")
    assert done.splitlines()[3:5] == [
        "from keras.metrics import BinaryAccuracy",
        "from keras.metrics import Recall",
    ]
