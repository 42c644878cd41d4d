"""Which tensor holds which value: identities that survive views, writes and reused memory."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import torch

from .schema.recording import Origin, Sketch, Value
from .sketch import Sketcher, kind_of

Key = tuple[int, int, int | torch.SymInt, tuple[int, ...], torch.Size, torch.dtype, bool, bool]
"""Storage, version of its contents, offset, strides, shape, dtype, conjugated, negated."""
_STRIDED = torch.strided
_Entry = tuple[int, Key, Origin, str | None]
"""Group, key, origin and name of a value; put into words once the step is over."""


@dataclass(slots=True)
class _Storage:
    uid: int
    alive: weakref.ref[torch.UntypedStorage | torch.Tensor]
    version: int = 0
    writer: int | None = None


@dataclass
class ValueTable:
    """Values of one recording.

    A value is (storage, version of its contents, offset, shape, strides, dtype); the version
    rises with every written argument, so that an in-place operator makes new values of every
    view. Storages are held by weak reference: their memory is free to be reused. ``names`` and
    ``sketches`` are the parameters', by the ``id`` of the tensor. ``shown`` are the values that an
    operator wrote and only a later one's view showed, each with the operator that wrote it.
    """

    names: dict[int, str]
    sketches: dict[int, Sketch | None] = field(default_factory=dict)
    sketcher: Sketcher = field(default_factory=Sketcher)
    shown: list[tuple[int, int]] = field(default_factory=list)
    _entries: list[_Entry] = field(default_factory=list)
    _by_key: dict[Key, int] = field(default_factory=dict)
    _storages: dict[int, _Storage] = field(default_factory=dict)
    _sketches: dict[int, Sketch | None] = field(default_factory=dict)
    _uids: Iterator[int] = field(default_factory=count)

    def known(self, tensor: torch.Tensor) -> int | None:
        """The id of the value that ``tensor`` holds, if it has been seen."""
        return self._by_key.get(self._place(tensor)[1])

    def writer(self, tensor: torch.Tensor) -> int | None:
        """The operator that last wrote the memory of ``tensor``, if one did in this step."""
        return self._place(tensor)[0].writer

    def bump(self, tensor: torch.Tensor) -> None:
        """Note that the memory of ``tensor`` was written: all its values are new ones."""
        self._place(tensor)[0].version += 1

    def read(self, tensor: torch.Tensor) -> int:
        """The value of ``tensor``, which an operator reads: a new one where it is not known."""
        storage, key = self._place(tensor)
        if (found := self._by_key.get(key)) is not None:
            return found
        writer = storage.writer
        number = self.enter(tensor, key, "input" if writer is None else "operator", None, True)
        self._by_key[key] = number
        if writer is not None:
            # A view made before an in-place operator shows what that operator wrote.
            self.shown.append((writer, number))
        return number

    def add(
        self,
        tensor: torch.Tensor,
        origin: Origin,
        writer: int | None,
        group: int | None,
        initialised: bool = True,
    ) -> int:
        """A new value for ``tensor``, or the known one.

        ``writer`` is the operator that wrote the elements, None where it only looked at them.
        ``group`` is that of the value whose elements it repeats, None to sketch it; what is not
        ``initialised`` has no sketch.
        """
        storage, key = self._place(tensor)
        number = len(self._entries)
        if (found := self._by_key.setdefault(key, number)) != number:
            return found
        if writer is not None:
            storage.writer = writer
        return self.enter(tensor, key, origin, group, initialised)

    def enter(
        self, tensor: torch.Tensor, key: Key, origin: Origin, group: int | None, initialised: bool
    ) -> int:
        """Write down the value that ``key`` tells from all others; its number."""
        number, identity = len(self._entries), id(tensor)
        name = self.names.get(identity)
        if name is not None:
            origin = "parameter"
        self._entries.append((number if group is None else group, key, origin, name))
        if group is None and initialised:
            if identity in self.sketches and key[1] == 0:  # as it was before the step
                self._sketches[number] = self.sketches[identity]
            else:
                self.sketcher.sketch_later(tensor, number)
        return number

    def group(self, value: int) -> int:
        return self._entries[value][0]

    def values(self) -> tuple[Value, ...]:
        self._sketches.update(self.sketcher.finish())
        return tuple(self._value(number, entry) for number, entry in enumerate(self._entries))

    def _value(self, number: int, entry: _Entry) -> Value:
        group, (storage, version, _, strides, shape, dtype, _, _), origin, name = entry
        return Value(
            id=number,
            group=group,
            shape=tuple(shape),
            strides=tuple(strides),
            dtype=_dtype_name(dtype),
            kind=kind_of(dtype),
            origin=origin,
            name=name,
            sketch=self._sketches.get(number),
            storage=storage,
            version=version,
        )

    def _place(self, tensor: torch.Tensor) -> tuple[_Storage, Key]:
        """The memory of ``tensor`` and what tells its value from all others."""
        owner: torch.UntypedStorage | torch.Tensor = tensor
        address = id(tensor)
        offset: int | torch.SymInt = 0
        strides: tuple[int, ...] = ()
        if tensor.layout is _STRIDED:
            owner, strides = tensor.untyped_storage(), tensor.stride()
            offset, address = tensor.storage_offset(), owner._cdata
        found = self._storages.get(address)
        if found is None or found.alive() is not owner:
            # A freed storage's address is reused: identity, not the address, tells them apart.
            found = self._storages[address] = _Storage(next(self._uids), weakref.ref(owner))
        dtype, negative = tensor.dtype, tensor.is_neg()
        conjugate = dtype.is_complex and tensor.is_conj()
        uid, version, shape = found.uid, found.version, tensor.shape
        return found, (uid, version, offset, strides, shape, dtype, conjugate, negative)


@functools.cache
def _dtype_name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
