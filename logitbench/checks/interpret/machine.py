"""Follows a program: which values its names have, and what happens to models, losses and metrics on the way."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager

from logitbench.checks.interpret import calls, escaping, expressions, statements
from logitbench.checks.interpret.arguments import parameters
from logitbench.checks.interpret.events import Event, Untold
from logitbench.checks.interpret.state import Object, State, Written, agree, meet
from logitbench.checks.interpret.values import (
    UNKNOWN,
    Arguments,
    Class,
    Constant,
    Function,
    Reference,
    Value,
)

DEEPEST = 60
"""Expressions and calls inside each other, past which nothing is told."""

MOST_CALLS = 8
"""Functions of the file that are followed inside each other."""

MOST_STEPS = 200_000
"""Expressions looked at in one file; what comes after is not told."""


class Machine:
    """What is known while a program is followed.

    Args:
        unsure: Names that functions bind outside of themselves: what they are at any time is not known.
    """

    def __init__(self, unsure: frozenset[str] = frozenset()) -> None:
        self.state = State()
        self.unsure = unsure
        self.scopes: tuple[int, ...] = (0,)
        self.events: list[Event] = []
        self.stars: list[str] = []
        self.rebound: set[str] = set()
        self.written: list[Written] = []
        """What was bound, in order."""
        self.met: list[Function | Class] = []
        """Functions and classes of the file, in the order in which they are defined."""
        self.extended: set[ast.AST] = set()
        """Classes that others are made from."""
        self.entered: set[ast.AST] = set()
        self.trained: set[int] = set()
        """Models that are fitted or evaluated, or of which that cannot be told."""
        self.patched: set[str] = set()
        """What of other modules the program puts something else in the place of."""
        self.used: set[int] = set()
        """Models that are called, or that predict."""
        self._defined: set[ast.AST] = set()
        self._exits: list[tuple[State, Value]] = []
        self._running: list[ast.AST] = []
        self._depth = 0
        self._steps = 0
        self._quiet = 0
        self._keys = 0
        self._nesting: dict[ast.AST, bool] = {}
        self._generators: dict[ast.AST, bool] = {}

    def define(self, made: Function | Class) -> None:
        """Note a function or class the first time that it is met."""
        if made.node in self._defined:
            return
        self._defined.add(made.node)
        self.met.append(made)
        if isinstance(made, Class):
            self.extended.update(base.node for base in made.bases if isinstance(base, Class))

    def emit(self, event: Event) -> None:
        """Note what happens, unless this is only a trial."""
        if not self._quiet:
            self.events.append(event)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is noted now."""
        return self._quiet > 0

    def is_running(self, node: ast.AST) -> bool:
        """Return whether a function is the one that is followed now."""
        return bool(self._running) and self._running[-1] is node

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """Follow something without noting what happens."""
        self._quiet += 1
        try:
            yield
        finally:
            self._quiet -= 1

    def value(self, node: ast.expr) -> Value:
        """Return what an expression is known to be."""
        self._steps += 1
        if self._depth >= DEEPEST or self._steps > MOST_STEPS:
            if self._steps == MOST_STEPS + 1:
                self.events.append(Untold("what comes after is not followed: the file is too long", node))
            return UNKNOWN
        self._depth += 1
        try:
            return expressions.evaluate(self, node)
        finally:
            self._depth -= 1

    def run(self, block: list[ast.stmt]) -> None:
        """Follow statements up to the one behind which nothing is reached."""
        for statement in block:
            if not self.state.alive:
                return
            statements.follow(self, statement)

    def call(self, callee: Value, given: Arguments, node: ast.AST) -> Value:
        """Return what a call gives."""
        if self._depth >= DEEPEST:
            self.escape(*given.positional)
            return UNKNOWN
        self._depth += 1
        try:
            return calls.call(self, callee, given, node)
        finally:
            self._depth -= 1

    def new(self, thing: Object) -> Reference:
        """Put an object on the heap."""
        self._keys += 1
        self.state.heap[self._keys] = thing
        return Reference(self._keys)

    def thing(self, reference: Reference) -> Object | None:
        """Return an object of the heap."""
        return self.state.heap.get(reference.key)

    def lookup(self, name: str) -> Value | None:
        """Return what a name has been bound to; None where nothing is known of it."""
        if name in self.unsure:
            return UNKNOWN
        for key in reversed(self.scopes):
            if name in self.state.scopes.get(key, {}):
                return self.state.scopes[key][name]
        return None

    def bind(self, name: str, value: Value) -> None:
        """Bind a name in the innermost scope."""
        innermost = self.scopes[-1]
        self.written.append((innermost, name))
        scope = self.state.writable(innermost)
        if innermost == 0 and name in scope and agree(scope[name], value, self.state.heap) != value:
            self.rebound.add(name)
        scope[name] = value

    def escape(self, *values: Value) -> None:
        """Forget what is known of objects that something unknown may have changed."""
        escaping.escape(self, *values)

    def escape_all(self) -> None:
        """Forget what is known of every object."""
        escaping.escape_all(self)

    def forget(self, changed: Value, now: Value = UNKNOWN) -> None:
        """Forget a value that was changed in its place, wherever it is held, and keep what it may be now."""
        escaping.forget(self, changed, now)

    def leave(self, value: Value) -> None:
        """Return from the function that is followed."""
        self._exits.append((self.state.copy(), value))
        self.state.alive = False

    def call_function(self, function: Function, given: Arguments, receiver: Value | None = None) -> Value:
        """Follow a function of the file with these arguments, and return what it gives."""
        node = function.node
        if not function.plain or node in self._running or len(self._running) >= MOST_CALLS:
            self.escape_all()  # what it does with what it can reach is not known
            return UNKNOWN
        if not self._quiet:
            self.entered.add(node)
        self._keys += 1
        scope, before = self._keys, (self.scopes, self._exits)
        self.state.scopes[scope] = parameters(self, node.args, given, receiver)
        self.scopes, self._exits = (*function.scopes, scope), []
        self._running.append(node)
        try:
            return self._body(node)
        finally:
            self._running.pop()
            self.scopes, self._exits = before
            if not self._holds_functions(node):  # else one of them may still ask for it
                self.state.scopes.pop(scope, None)

    def _body(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Value:
        if isinstance(node, ast.Lambda):
            return self.value(node.body)
        self.run(node.body)
        if self.state.alive:
            self._exits.append((self.state, Constant(None)))
        if not self._exits:  # it always raises
            self.state.alive = True
            return UNKNOWN
        state, value = self._exits[0]
        for other, returned in self._exits[1:]:
            value = agree(value, returned, {**state.heap, **other.heap})
            state = meet(state, other)
        self.state = state
        self.state.alive = True
        return UNKNOWN if self._yields(node) else value

    def _holds_functions(self, node: ast.AST) -> bool:
        if node not in self._nesting:
            kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
            self._nesting[node] = any(isinstance(inner, kinds) for inner in ast.walk(node) if inner is not node)
        return self._nesting[node]

    def _yields(self, node: ast.AST) -> bool:
        if node not in self._generators:
            kinds = (ast.Yield, ast.YieldFrom)
            self._generators[node] = any(isinstance(inner, kinds) for inner in ast.walk(node))
        return self._generators[node]
