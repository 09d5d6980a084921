"""What names stand for at a place."""

from __future__ import annotations

import ast

import pytest

from logitbench.checks.fixing.scopes import Scopes


def meant(program: str, name: str = "K.layers") -> set[str]:
    """Return what the last use of a dotted name in a program stands for."""
    tree = ast.parse(program)
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and ast.unparse(node) == name]
    return set(Scopes(tree).paths(max(uses, key=lambda one: one.lineno)))


@pytest.mark.parametrize(
    ("program", "paths"),
    [
        ("import keras as K\nK.layers", {"keras.layers"}),
        ("from tensorflow import keras as K\nK.layers", {"tensorflow.keras.layers"}),
        ("import tensorflow as tf\nK = tf.keras\nK.layers", {"tensorflow.keras.layers"}),
        ("from .. import K\nK.layers", {"...K.layers"}),
        (
            "if x:\n    import keras as K\nelse:\n    import tf_keras as K\nK.layers",
            {"keras.layers", "tf_keras.layers"},
        ),
        ("def f():\n    import keras as K\n    def g():\n        return K.layers", {"keras.layers"}),
        ("import keras as K\nclass C:\n    K = 1\n    def f(self):\n        return K.layers", {"keras.layers"}),
        ("class C:\n    import keras as K\n    K.layers", {"keras.layers"}),
        ("class C:\n    import keras as K\n    def f(self):\n        return K.layers", set()),
        ("K.layers\nimport keras as K", set()),
        ("import keras as K\nK = make()\nK.layers", set()),
        ("import keras as K\nK, x = 1, 2\nK.layers", set()),
        ("import keras as K\ndel K\nK.layers", set()),
        ("import keras as K\nx = [K.layers for K in y]", set()),
        ("import keras as K\nprint(K := 1)\nK.layers", set()),
        ("import keras as K\nf = lambda K: K.layers", set()),
        ("import keras as K\ndef f():\n    global K\n    K = 1\nK.layers", set()),
        ("import keras as K\nmatch x:\n    case {**K}:\n        K.layers", set()),
        ("import keras as K\nmatch x:\n    case [*K]:\n        K.layers", set()),
        ("K = K\nK.layers", set()),
        ("A = K\nK = A\nK.layers", set()),
    ],
)
def test_a_name_stands_for_every_import_it_may_come_from_or_for_nothing_sure(program: str, paths: set[str]) -> None:
    assert meant(program) == paths
