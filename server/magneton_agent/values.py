"""Which tensor holds which value: identities that survive views, writes and reused memory."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import torch

from .schema.recording import Origin, Sketch, Value, ValueKind
from .sketch import Sketcher, kind_of

Key = tuple[object, ...]


@dataclass
class _Entry:
    """One value as it grows during the recording."""

    id: int
    group: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: str
    kind: ValueKind
    origin: Origin
    name: str | None
    sketch: Sketch | None
    storage: int
    version: int


@dataclass
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
    ``sketches`` are the parameters', by the ``id`` of the tensor.
    """

    names: dict[int, str]
    sketches: dict[int, Sketch | None] = field(default_factory=dict)
    sketcher: Sketcher = field(default_factory=Sketcher)
    _entries: list[_Entry] = field(default_factory=list)
    _by_key: dict[Key, int] = field(default_factory=dict)
    _storages: dict[int, _Storage] = field(default_factory=dict)
    _uids: Iterator[int] = field(default_factory=count)

    def known(self, tensor: torch.Tensor) -> int | None:
        """The id of the value that ``tensor`` holds, if it has been seen."""
        return self._by_key.get(self._key(tensor, self._storage(tensor)))

    def writer(self, tensor: torch.Tensor) -> int | None:
        """The operator that last wrote the memory of ``tensor``, if one did in this step."""
        return self._storage(tensor).writer

    def bump(self, tensor: torch.Tensor) -> None:
        """Note that the memory of ``tensor`` was written: all its values are new ones."""
        self._storage(tensor).version += 1

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
        storage = self._storage(tensor)
        key = self._key(tensor, storage)
        if (found := self._by_key.get(key)) is not None:
            return found
        number = len(self._entries)
        if writer is not None:
            storage.writer = writer
        self._by_key[key] = number
        entry = _Entry(
            id=number,
            group=number if group is None else group,
            shape=tuple(tensor.shape),
            strides=_strides(tensor),
            dtype=_dtype_name(tensor.dtype),
            kind=kind_of(tensor),
            origin="parameter" if id(tensor) in self.names else origin,
            name=self.names.get(id(tensor)),
            sketch=None,
            storage=storage.uid,
            version=storage.version,
        )
        self._entries.append(entry)
        if group is None and initialised:
            self._sketch(tensor, storage, entry)
        return number

    def group(self, value: int) -> int:
        return self._entries[value].group

    def values(self) -> tuple[Value, ...]:
        self.sketcher.finish()
        return tuple(Value(**vars(entry)) for entry in self._entries)

    def _sketch(self, tensor: torch.Tensor, storage: _Storage, entry: _Entry) -> None:
        if storage.version == 0 and id(tensor) in self.sketches:
            entry.sketch = self.sketches[id(tensor)]
        else:
            self.sketcher.sketch_later(tensor, functools.partial(setattr, entry, "sketch"))

    @staticmethod
    def _key(tensor: torch.Tensor, storage: _Storage) -> Key:
        where: object = None
        if tensor.layout == torch.strided:
            where = (tensor.storage_offset(), tensor.stride())
        reading = (tensor.dtype, tensor.is_conj(), tensor.is_neg())
        return (storage.uid, storage.version, where, tensor.shape, reading)

    def _storage(self, tensor: torch.Tensor) -> _Storage:
        strided = tensor.layout == torch.strided
        owner = tensor.untyped_storage() if strided else tensor
        address = owner._cdata if isinstance(owner, torch.UntypedStorage) else id(owner)
        found = self._storages.get(address)
        if found is None or found.alive() is not owner:
            # A freed storage's address is reused: identity, not the address, tells them apart.
            found = _Storage(next(self._uids), weakref.ref(owner))
            self._storages[address] = found
        return found


@functools.cache
def _dtype_name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _strides(tensor: torch.Tensor) -> tuple[int, ...]:
    return tuple(tensor.stride()) if tensor.layout == torch.strided else ()
