"""Which heads and losses to probe; plain data, without Keras."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from logitbench.errors import UsageError, did_you_mean
from logitbench.probes.loss.records import Setting

OWN = {
    "binary": "sigmoid",
    "categorical": "softmax",
    "sparse": "softmax",
    "binary-focal": "sigmoid",
    "categorical-focal": "softmax",
}
"""Keras's losses, each with the activation that is meant for it."""

REFERENCES: dict[str, tuple[str, str | None]] = {
    "tf.nn.sigmoid_cross_entropy_with_logits": ("tensorflow", None),
    "tf.nn.softmax_cross_entropy_with_logits": ("tensorflow", None),
    "tf.nn.sparse_softmax_cross_entropy_with_logits": ("tensorflow", None),
    "optax.sigmoid_binary_cross_entropy": ("jax", None),
    "optax.softmax_cross_entropy": ("jax", None),
    "optax.softmax_cross_entropy_with_integer_labels": ("jax", None),
    "torch.nn.BCEWithLogitsLoss": ("torch", None),
    "torch.nn.BCELoss": ("torch", "sigmoid"),
    "torch.nn.CrossEntropyLoss": ("torch", None),
}
"""The frameworks' own losses, each with its backend and the activation that it wants."""

NONE = "none"
"""What a linear head is called on the command line."""

WHOLE = ("float16", "bfloat16")
"""Precisions that are set for all of Keras, as ``set_floatx`` does: losses are computed in them too."""

ACTIVATIONS = (NONE, "sigmoid", "softmax")
POLICIES = ("float32", "mixed_float16", "mixed_bfloat16", "float64", *WHOLE)

TOPOLOGIES: dict[str, str] = {
    "direct": "Dense(activation=...)",
    "activation": "Dense, then Activation",
    "softmax": "Dense, then Softmax; for a softmax alone",
    "framework": "Dense(activation=tf.nn.X), jax.nn.X or torch.X",
    "function": "Dense, then keras.activations.X(...)",
    "linear": "a linear Activation after it",
    "identity": "an Identity after it",
    "nested": "the head in a model of its own",
    "subclassed": "the head in a subclass of Model",
    "float32": 'the head with dtype="float32"',
    "reshape": "a Reshape after it",
    "flatten": "a Flatten after it",
    "squeeze": "an axis added and taken away",
    "concatenate": "a Concatenate after it",
    "multiplied": "times 1.0",
    "clipped": "clipped to [0, 1]",
    "time-distributed": "the head in TimeDistributed",
    "by-hand": "the activation written out, in a Lambda",
}
"""Ways to put an activation between logits and a loss; ``topologies.BUILDS`` has the functions."""

EXECUTIONS: dict[str, tuple[str, ...]] = {
    "tensorflow": ("eager", "graph", "jit"),
    "jax": ("eager", "jit"),
    "torch": ("eager",),
}
"""How a backend can be asked to compute; torch's compiler needs one of C++ on the machine."""

IN_TRAINING = {"tensorflow": "graph", "jax": "jit", "torch": "eager"}
"""How each backend computes in ``fit``."""


@dataclass(frozen=True)
class Wanted:
    """What is to be probed: of each dimension some, or none to leave it as it is usual.

    Args:
        losses: Some of ``OWN``.
        activations: Some of ``ACTIVATIONS``.
        from_logits: What losses are told; None for both.
        policies: Some of ``POLICIES``.
        topologies: Some of ``TOPOLOGIES``.
        executions: Some of ``eager``, ``graph``, ``jit``; as in training where there is none.
        everything: Take all there are of a dimension of which nothing is said.

    Raises:
        UsageError: Something is not there; the hint names the nearest.
    """

    losses: tuple[str, ...] = ()
    activations: tuple[str, ...] = ()
    from_logits: bool | None = None
    policies: tuple[str, ...] = ()
    topologies: tuple[str, ...] = ()
    executions: tuple[str, ...] = ()
    everything: bool = False

    def __post_init__(self) -> None:
        for what, names, known in (
            ("loss", self.losses, tuple(OWN)),
            ("activation", self.activations, ACTIVATIONS),
            ("precision", self.policies, POLICIES),
            ("topology", self.topologies, tuple(TOPOLOGIES)),
            ("execution", self.executions, EXECUTIONS["tensorflow"]),
        ):
            for name in names:
                if name not in known:
                    raise UsageError(f"there is no {what} {name!r}", did_you_mean(name, known))

    def settings(self, backend: str) -> list[Setting]:
        """Return what is to be probed on a backend."""
        if self == Wanted():
            return [*usual(IN_TRAINING[backend]), *references(backend)]
        return list(self._chosen(backend))

    def _chosen(self, backend: str) -> Iterator[Setting]:
        whole = self.everything
        executions: Sequence[str] = EXECUTIONS[backend] if whole else (IN_TRAINING[backend],)
        if self.executions:
            executions = [name for name in self.executions if name in EXECUTIONS[backend]]
        for loss, told, policy, topology, execution in product(
            self.losses or OWN,
            (True, False) if self.from_logits is None else (self.from_logits,),
            self.policies or (POLICIES if whole else POLICIES[:1]),
            self.topologies or (tuple(TOPOLOGIES) if whole else ("direct",)),
            executions,
        ):
            for activation in self.activations or (ACTIVATIONS if whole else (NONE, OWN[loss])):
                if topology != "softmax" or activation == "softmax":
                    yield Setting(loss, None if activation == NONE else activation, told, policy, topology, execution)


def usual(execution: str) -> Iterator[Setting]:
    """Yield the settings that people write."""
    for loss, own in OWN.items():
        for activation, from_logits in ((None, True), (None, False), (own, False), (own, True)):
            yield Setting(loss, activation, from_logits, execution=execution)
    for setting in (Setting("binary", "sigmoid", False), Setting("categorical", "softmax", False)):
        for topology, policy in (
            ("reshape", "float32"),
            ("by-hand", "float32"),
            ("direct", "mixed_float16"),
            ("direct", "mixed_bfloat16"),
            ("float32", "mixed_float16"),
        ):
            yield replace(setting, topology=topology, policy=policy, execution=execution)
    yield Setting("binary", "softmax", False, execution=execution)
    yield Setting("categorical", "sigmoid", False, execution=execution)


def references(backend: str) -> Iterator[Setting]:
    """Yield the losses of a backend's own framework, as they stand."""
    for name, (framework, activation) in REFERENCES.items():
        if framework == backend:
            yield Setting(name, activation, activation is None)
