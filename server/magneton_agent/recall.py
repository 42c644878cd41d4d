"""Answers questions about the calls that were seen.

Expressions are names, attributes, subscripts and the few functions that look something up: of the
program no call is made but what these run by themselves, as a property does. That happens in the
worker that explains a finding, when all has been measured.
"""

from __future__ import annotations

import enum
import functools
import importlib.util
import inspect
import io
import os
import sys
from collections.abc import Callable
from types import CodeType, ModuleType
from typing import Any

import torch

from .calls import CallLog, Moment, TensorFacts, facts_of
from .importing import is_library
from .looking_up import CannotLookUp, look_up
from .schema.location import Frame
from .schema.messages import Described, Inspect, Inspected
from .stacks import resolve

_SCALARS = (str, int, float, complex, bool, type(None), torch.dtype, torch.device, torch.Size)
_LONGEST = 200
_LOCALS, _MODULE = ".<locals>.", "<module>"
_COMPREHENSIONS = ("<listcomp>", "<genexpr>", "<setcomp>", "<dictcomp>")
_ARRAY = "numpy.ndarray"
_NOTHING = Inspected(None, None, (), ())


class Recaller:
    """Describes what one worker holds; ``tokens`` number the objects that it has spoken of."""

    def __init__(self, log: CallLog) -> None:
        self.log = log
        self._definition = functools.cache(_definition)
        self._objects: list[object] = []
        self._tokens: dict[int, int] = {}

    def answer(self, asked: Inspect) -> Inspected:
        """What is known of the request's subject, empty where nothing is."""
        answers: dict[str, Callable[[Inspect], Inspected]] = {
            "value": self._value,
            "entered": self._value,
            "within": self._within,
            "keys": self._keys,
            "moment": self._moment,
            "called": self._called,
            "attribute": self._attribute,
            "classes": self._classes,
            "enclosing": self._enclosing,
            "module": self._module,
            "running": self._running,
            "setting": self._setting,
            "texts": self._texts,
        }
        return answers[asked.question](asked)

    def describe(self, held: object) -> Described:
        """``held`` in words that another process can compare."""
        scalar = isinstance(held, (*_SCALARS, TensorFacts))
        named = isinstance(held, type) or inspect.isroutine(held)
        kind: Any = held if named else type(held)
        return Described(
            value=_text(held) if scalar else _array_text(held) or _container_text(held),
            type=_qualified(kind),
            token=None if scalar else self._token(held),
            defined=self._definition(kind),
            builders=() if scalar else self.log.builders(held),
        )

    def _token(self, held: object) -> int:
        if id(held) not in self._tokens:
            self._tokens[id(held)] = len(self._objects)
            self._objects.append(held)
        return self._tokens[id(held)]

    def _value(self, asked: Inspect) -> Inspected:
        moment = self.log.moments[asked.subject]
        own = moment.entered if asked.question == "entered" else {**moment.entered, **moment.names}
        try:
            found = look_up(asked.name, {**vars(_builtins()), **moment.scope, **own})
        except CannotLookUp:
            return _NOTHING
        return Inspected(self.describe(found), None, (), ())

    def _within(self, asked: Inspect) -> Inspected:
        names = {**vars(_builtins()), "_": self._objects[asked.subject]}
        try:
            return Inspected(self.describe(look_up(asked.name, names)), None, (), ())
        except CannotLookUp:
            return _NOTHING

    def _keys(self, asked: Inspect) -> Inspected:
        held = self._objects[asked.subject]
        found = held if isinstance(held, dict) else ()
        return _told(tuple(each for each in found if isinstance(each, str)))

    def _moment(self, asked: Inspect) -> Inspected:
        moment = self.log.moments[asked.subject]
        places = [_place(moment.code)]
        if moment.caller is None or moment.at is None:
            return Inspected(None, None, (), tuple(places))
        caller = self.log.moments[moment.caller]
        places.append(resolve(caller.code, moment.at))
        return Inspected(None, None, (moment.caller,), tuple(places))

    def _called(self, asked: Inspect) -> Inspected:
        """The calls made at ``place`` in the subject, and what the last of them returned."""
        subject = self.log.moments[asked.subject]
        call = asked.subject if subject.call is None else subject.call
        found = [
            number
            for number in self.log.made_by(call)
            if asked.place is not None
            and _range(resolve(subject.code, self.log.moments[number].at or 0))
            == _range(asked.place)
        ]
        if not found:
            return _NOTHING
        last = self.log.moments[found[-1]]
        # What runs a generator is not what the generator gave last.
        asks = last.code.co_flags & inspect.CO_GENERATOR
        return Inspected(None if asks else self.describe(last.result), None, tuple(found), ())

    def _attribute(self, asked: Inspect) -> Inspected:
        """Where attribute ``name`` of object ``subject`` is kept."""
        held = self._objects[asked.subject]
        if isinstance(held, ModuleType):
            given = () if asked.name in vars(held) else self._given_by_name(held, asked.name)
            return Inspected(None, "getter", given, ()) if given else self._module_of(held)
        own = {} if isinstance(held, type) else getattr(held, "__dict__", {})
        parts = [own, *(own.get(each) or {} for each in ("_modules", "_parameters", "_buffers"))]
        classes = (held if isinstance(held, type) else type(held)).__mro__
        owner = next((each for each in classes if asked.name in vars(each)), None)
        if isinstance(held, enum.Enum) and asked.name in ("value", "_value_"):
            place = self._definition(type(held))
            return Inspected(self.describe(held.name), "member", (), (place,) if place else ())
        if _copied_tuple(held, asked.name) and not self.log.builders(held):
            return _NOTHING
        kept = vars(owner)[asked.name] if owner is not None else None
        if isinstance(kept, property | functools.cached_property):
            getter = kept.fget if isinstance(kept, property) else kept.func
            return self._getter(held, getter)
        slot = inspect.ismemberdescriptor(kept)
        if slot or any(asked.name in part for part in parts):
            return Inspected(None, "instance", self._given_by_name(held, asked.name), ())
        if owner is None:
            given = self._given_by_name(held, asked.name)
            return Inspected(None, "getter", given, ()) if given else _NOTHING
        place = self._definition(owner)
        return Inspected(None, "class", (), (place,) if place is not None else ())

    def _getter(self, held: object, getter: Any) -> Inspected:
        code = getattr(getter, "__code__", None)
        if not isinstance(code, CodeType) or not code.co_argcount:
            return _NOTHING
        arguments = {code.co_varnames[0]: held}
        number = self.log.add(Moment(code, arguments, arguments, getter.__globals__))
        return Inspected(None, "getter", (number,), (_place(code),))

    def _given_by_name(self, held: object, name: str) -> tuple[int, ...]:
        """A call of the program's ``__getattr__`` for ``name``, of the module or of the object's
        class, where there is one: that may have run before anything was noted."""
        module = isinstance(held, ModuleType)
        getter: Any = getattr(held if module else type(held), "__getattr__", None)
        code = getattr(getter, "__code__", None)
        given = (name,) if module else (held, name)
        if (
            not isinstance(code, CodeType)
            or code.co_argcount != len(given)
            or is_library(code.co_filename)
        ):
            return ()
        arguments = dict(zip(code.co_varnames, given, strict=False))
        return (self.log.add(Moment(code, arguments, arguments, getter.__globals__)),)

    def _classes(self, asked: Inspect) -> Inspected:
        held = self._objects[asked.subject]
        kinds = (held if isinstance(held, type) else type(held)).__mro__
        places = [self._definition(kind) for kind in kinds if kind is not object]
        return Inspected(None, None, (), tuple(each for each in places if each is not None))

    def _enclosing(self, asked: Inspect) -> Inspected:
        """The call in which the subject's function was defined, that which ``name`` is from."""
        moment = self.log.moments[asked.subject]
        outer = moment.code.co_qualname.rpartition(_LOCALS)[0]
        if moment.code.co_name in _COMPREHENSIONS and (around := self._around(moment, outer)):
            return Inspected(None, None, (around,), ())
        held = moment.names.get(asked.name)
        found = [
            number
            for number, each in enumerate(self.log.moments)
            if each.code.co_qualname == outer
            and each.code.co_filename == moment.code.co_filename
            and asked.name in each.names
        ]
        same = [each for each in found if self.log.moments[each].names[asked.name] is held]
        chosen = (same or found)[-1:]
        return Inspected(None, None, tuple(chosen), ())

    def _around(self, moment: Moment, outer: str) -> int | None:
        """The call of function ``outer`` that a comprehension runs within; what a generator is
        asked for may be asked by a library."""
        caller = moment.caller
        while caller is not None:
            found = self.log.moments[caller]
            same_file = found.code.co_filename == moment.code.co_filename
            if same_file and found.code.co_qualname == (outer or _MODULE):
                return caller
            caller = found.caller
        return moment.caller

    def _module(self, asked: Inspect) -> Inspected:
        if asked.place is None:
            return self._module_called(asked)
        path = asked.place.path
        for module in list(sys.modules.values()):
            if isinstance(module, ModuleType) and getattr(module, "__file__", None) == path:
                return self._module_of(module)
        return _NOTHING

    def _module_called(self, asked: Inspect) -> Inspected:
        package = str(self.log.moments[asked.subject].scope.get("__package__") or "")
        try:
            module = sys.modules.get(importlib.util.resolve_name(asked.name, package))
        except ImportError:
            return _NOTHING
        return self._module_of(module) if isinstance(module, ModuleType) else _NOTHING

    def _module_of(self, module: ModuleType) -> Inspected:
        """The module's own names, as a moment of its body."""
        path = getattr(module, "__file__", None)
        if path is None:
            return _NOTHING
        body = self._body(path)
        code = compile("", path, "exec") if body is None else self.log.moments[body].code
        number = self.log.add(Moment(code, {}, vars(module), vars(module), call=body))
        return Inspected(None, "module", (number,), (_place(code),))

    def _body(self, path: str) -> int | None:
        """The run of the body of the module at ``path``, if that was seen."""
        bodies = (
            number
            for number, moment in enumerate(self.log.moments)
            if moment.code.co_name == _MODULE and moment.code.co_filename == path
        )
        return next(bodies, None)

    def _running(self, asked: Inspect) -> Inspected:
        """The calls of the function at ``place``."""
        place = asked.place
        found = [
            number
            for number, moment in enumerate(self.log.moments)
            if place is not None
            and moment.code.co_firstlineno == place.first_line
            and moment.code.co_filename == place.path
            and moment.code.co_qualname == place.function
        ]
        return Inspected(None, None, tuple(found), ())

    def _setting(self, asked: Inspect) -> Inspected:
        found = {
            moment.code: number
            for number, moment in enumerate(self.log.moments)
            if is_library(moment.code.co_filename) and _may_set(moment.code, asked.name)
        }
        return Inspected(None, None, tuple(found.values()), tuple(map(_place, found)))

    def _texts(self, asked: Inspect) -> Inspected:
        moment = self.log.moments[asked.subject]
        held = [*moment.entered.values(), *moment.names.values(), moment.result]
        found = [os.fspath(each) for each in held if isinstance(each, str | os.PathLike)]
        found += [each.name for each in held if isinstance(each, io.TextIOWrapper)]
        return _told(tuple(str(each) for each in found if len(str(each)) < _LONGEST))


def _may_set(code: CodeType, name: str) -> bool:
    """Whether a function's text has what ``setattr(object, name, value)`` is made of."""
    return name in code.co_consts and "setattr" in code.co_names


def _copied_tuple(held: object, name: str) -> bool:
    """Whether this is a field of a tuple with names, which may be a changed copy of another."""
    return isinstance(held, tuple) and name in getattr(type(held), "_fields", ())


def _told(texts: tuple[str, ...]) -> Inspected:
    return Inspected(Described(repr(texts), "builtins.tuple", None, None, ()), None, (), ())


def _builtins() -> ModuleType:
    return sys.modules["builtins"]


def _text(held: object) -> str:
    if isinstance(held, torch.Size):  # whoever gives a shape gives a tuple as well
        held = tuple(held)
    return repr(held)[:_LONGEST]


def _container_text(held: object) -> str | None:
    """The text of a flat container of scalars, of a path, of an enumeration's member; how long
    another list or tuple is."""
    if isinstance(held, list | tuple):
        return _text(held) if _is_flat(held) else f"{len(held)} items"
    if isinstance(held, set | frozenset) and held:
        parts = sorted(map(repr, held)) if all(isinstance(each, _SCALARS) for each in held) else ()
        return f"{{{', '.join(parts)}}}"[:_LONGEST] if parts else f"{len(held)} items"
    if isinstance(held, range | slice | enum.Enum | os.PathLike | set | frozenset):
        return _text(held)
    return None


def _array_text(held: Any) -> str | None:
    """How a tensor that an object keeps, or an array of NumPy, lies in memory."""
    if isinstance(held, torch.Tensor) and not torch.nn.parameter.is_lazy(held):
        return _text(facts_of(held))
    if _qualified(type(held)) == _ARRAY:
        return f"{held.dtype} {list(held.shape)} strides {list(held.strides)}"
    return None


def _is_flat(held: list[Any] | tuple[Any, ...]) -> bool:
    """Whether nothing but scalars is in it, or in lists and tuples within."""
    return all(
        isinstance(each, _SCALARS) or (isinstance(each, list | tuple) and _is_flat(each))
        for each in held
    )


def _definition(named: Any) -> Frame | None:
    try:
        kind = inspect.unwrap(named)
        path = inspect.getsourcefile(kind)
        lines, first = inspect.getsourcelines(kind)
    except (TypeError, OSError, ValueError):
        return None  # built in, or its source is not at hand
    name = str(getattr(kind, "__qualname__", ""))
    column = _column(kind.__code__) if inspect.isfunction(kind) else 0
    return Frame(path or "", name, first, first, column, first + len(lines) - 1, 0)


def _place(code: CodeType) -> Frame:
    first, column = code.co_firstlineno, _column(code)
    return Frame(code.co_filename, code.co_qualname, first, first, column, first, column)


def _column(code: CodeType) -> int:
    """Where a lambda's text begins, of which a line may hold several; 0 of other functions."""
    if code.co_name != "<lambda>":
        return 0
    first = code.co_firstlineno
    found = [column for line, _, column, _ in code.co_positions() if line == first and column]
    return min(found, default=0)


def _range(frame: Frame) -> tuple[int, int, int, int]:
    return frame.line, frame.column, frame.end_line, frame.end_column


def _qualified(kind: Any) -> str:
    """The dotted name of a class or function; a method in C knows its class, but no module."""
    owner = getattr(kind, "__objclass__", kind)
    return f"{getattr(owner, '__module__', None) or 'builtins'}.{kind.__qualname__}"
