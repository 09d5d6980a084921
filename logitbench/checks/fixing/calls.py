"""A keyword of a call is set or taken out; the layout and the comments of the call stay."""

from __future__ import annotations

import libcst as cst

from logitbench.checks.fix import SetKeyword
from logitbench.checks.fixing.document import LeftError


def edited(text: str, edit: SetKeyword) -> str:
    """Return a call with a keyword set, or without it.

    Raises:
        LeftError: It hides arguments, or what stands there is no plain value: it may be used elsewhere, too.
    """
    newline = next((one for one in ("\r\n", "\r") if one in text), "\n")
    try:  # in brackets it may go over several lines
        call = cst.parse_expression(f"({text})", cst.PartialParserConfig(default_newline=newline))
    except cst.ParserSyntaxError as error:
        raise LeftError("it cannot be read") from error
    if not isinstance(call, cst.Call) or any(one.star for one in call.args):
        raise LeftError("its arguments are not all seen there")
    call = call.with_changes(lpar=call.lpar[1:], rpar=call.rpar[:-1])
    index = _index(call, edit)
    if index is None and edit.slot is None and _unnamed(call) > 2:
        raise LeftError(f"{edit.name} may be among its unnamed arguments")
    if index is not None:
        call = _replaced(call, index, edit)
    elif edit.value is not None:
        call = _added(call, edit.name, edit.value)
    return cst.Module([], default_newline=newline).code_for_node(call)


def _index(call: cst.Call, edit: SetKeyword) -> int | None:
    """Return which argument a keyword is; None where it is not given."""
    for index, one in enumerate(call.args):
        if one.keyword is not None and one.keyword.value == edit.name:
            return index
    return edit.slot if edit.slot is not None and edit.slot < _unnamed(call) else None


def _unnamed(call: cst.Call) -> int:
    return sum(one.keyword is None for one in call.args)


def _replaced(call: cst.Call, index: int, edit: SetKeyword) -> cst.Call:
    argument = call.args[index]
    if not _is_plain(argument.value):
        raise LeftError(f"its {edit.name} is {_code(argument.value)}, which may be used elsewhere, too")
    if edit.value is None and argument.keyword is not None and not _has_comment(argument):
        return _without(call, index)
    changed = argument.with_changes(value=cst.parse_expression(edit.value or "False"))
    return call.with_changes(args=[*call.args[:index], changed, *call.args[index + 1 :]])


def _is_plain(value: cst.BaseExpression) -> bool:
    if isinstance(value, cst.List | cst.Tuple):
        return all(_is_plain(one.value) for one in value.elements)
    return isinstance(value, cst.Integer | cst.Float) or (
        isinstance(value, cst.Name) and value.value in {"True", "False", "None"}
    )


def _without(call: cst.Call, index: int) -> cst.Call:
    args = list(call.args)
    gone = args.pop(index)
    if not args:
        return _bare(call).with_changes(args=[])
    if index == len(args):
        if _has_comment(args[-1]):
            return call.with_changes(args=[*args, gone.with_changes(value=cst.Name("False"))])
        args[-1] = args[-1].with_changes(comma=gone.comma, whitespace_after_arg=gone.whitespace_after_arg)
    return call.with_changes(args=args)


def _added(call: cst.Call, name: str, value: str) -> cst.Call:
    new = cst.Arg(
        cst.parse_expression(value), cst.Name(name), cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    )
    if not call.args:
        return _bare(call).with_changes(args=[new])
    *others, last = call.args
    new = new.with_changes(comma=last.comma, whitespace_after_arg=last.whitespace_after_arg)
    parted = cst.Comma(whitespace_after=_between(call))
    last = last.with_changes(comma=parted, whitespace_after_arg=cst.SimpleWhitespace(""))
    return call.with_changes(args=[*others, last, new])


def _bare(call: cst.Call) -> cst.Call:
    """Return a call without the space in front of its arguments, unless there is a comment."""
    if _has_comment(call.whitespace_before_args):
        return call
    return call.with_changes(whitespace_before_args=cst.SimpleWhitespace(""))


def _between(call: cst.Call) -> cst.BaseParenthesizableWhitespace:
    """Return what parts the arguments: a line each where they have one each."""
    before = call.whitespace_before_args
    return cst.SimpleWhitespace(" ") if "\n" not in _code(before) or _has_comment(before) else before


def _has_comment(node: cst.CSTNode) -> bool:
    """Return whether there may be a comment in a piece of program; a text with its sign in it counts as one."""
    return "#" in _code(node)


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)
