"""Which device model there is: fitted on this machine, else shipped with published figures."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from magneton_agent.schema import codec
from magneton_agent.schema.device import DeviceModel
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.examination import KnownCoefficients
from magneton_agent.schema.messages import CpuPower, Loaded

from .files import write_atomically

_SHIPPED = "devices.json"


@dataclass(frozen=True)
class _Shipped:
    devices: tuple[DeviceModel, ...]


def device_model(name: str, folder: Path | None = None) -> DeviceModel | None:
    """The model of the device called ``name``: from ``folder`` (:func:`user_folder` unless told)
    where ``magneton calibrate`` has left one, else a shipped one, else None.

    Raises:
        MagnetonError: the file that was left cannot be read.
    """
    path = path_of(name, folder)
    if path.is_file():
        return read_model(path)
    return next((each for each in shipped() if name.startswith(each.names)), None)


def known_coefficients(name: str) -> KnownCoefficients | None:
    """What the device called ``name`` would be modelled by; None without coefficients.

    Raises:
        MagnetonError: the file that was left cannot be read.
    """
    if (model := device_model(name)) is None:
        return None
    path = path_of(name)
    own = str(path) if path.is_file() else None
    return KnownCoefficients(name, own, model.origin, model.error)


def shipped() -> tuple[DeviceModel, ...]:
    """The models that come with the package."""
    text = (resources.files("magneton") / "data" / _SHIPPED).read_text(encoding="utf-8")
    return codec.from_json(_Shipped, json.loads(text)).devices


def with_cpu_power(loaded: Loaded, folder: Path | None = None) -> Loaded:
    """``loaded`` with what ``magneton calibrate`` has fitted to its CPU, from ``folder``
    (:func:`user_folder` unless told); as it is where there is none, or a sensor is read.

    Raises:
        MagnetonError: the file that was left cannot be read.
    """
    path = path_of(loaded.cpu, folder)
    if loaded.meter != "model" or not path.is_file():
        return loaded
    model = read_model(path)
    if model.busy_w is None:
        return loaded
    told = f"CPU energy is modelled by coefficients of this machine ({model.origin})"
    if model.error is not None:
        told += f", which may be off by {100 * model.error:.2g} %"
    power = CpuPower(model.idle_w.value, model.busy_w.value)
    return replace(loaded, cpu_power=power, warnings=(*loaded.warnings, told))


def read_model(path: Path) -> DeviceModel:
    """The model in ``path``.

    Raises:
        MagnetonError: it is no model that this version reads.
    """
    try:
        return codec.from_json(DeviceModel, json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:  # a SchemaError is one
        raise MagnetonError(
            f"{path} cannot be read as a device's coefficients",
            str(error),
            "Run 'magneton calibrate' again, or remove the file.",
        ) from error


def write_model(path: Path, model: DeviceModel) -> None:
    """Keep ``model`` in ``path``, whose folder is made where it is missing.

    Raises:
        MagnetonError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MagnetonError(
            f"{path.parent} cannot be made",
            error.strerror or str(error),
            "Name another file with -o, or set XDG_DATA_HOME.",
        ) from error
    write_atomically(path, json.dumps(codec.to_json(model), indent=1) + "\n")


def path_of(name: str, folder: Path | None = None) -> Path:
    """Where the model that was fitted to the device ``name`` is kept."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return (folder or user_folder()) / f"{slug}.json"


def user_folder() -> Path:
    """The folder for fitted models: ``$XDG_DATA_HOME/magneton/devices``."""
    root = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(root).expanduser() / "magneton" / "devices"
