"""What engine and agent say to each other over the private descriptor.

One JSON object a line. The engine sends a request, the agent answers with one reply: a
:class:`Recording` to :class:`Record`, else one of :data:`Reply`.
"""

from __future__ import annotations

from .calibration import (
    Exercise,
    Mark,
    Marked,
    Slot,
)
from .outputs import (
    OUTPUTS_INDEX,
    OUTPUTS_TOLERANCE,
    Check,
    Checked,
    Masks,
    OutputCheck,
    OutputError,
)
from .placing import (
    FindSetting,
    FoundSetting,
)
from .probing import (
    Described,
    Inspect,
    Inspected,
    Probe,
    Probed,
    Site,
    Visit,
)
from .replaying import (
    CallEnergy,
    Laid,
    NotReplayed,
    Replay,
    Replayed,
    ReplayItem,
    Varied,
    VariedCall,
    Vary,
)
from .sampling import (
    Measure,
    Measured,
    Record,
    Sample,
    StepTiming,
    Time,
    Timed,
    names_digest,
)
from .session import (
    Close,
    CpuPower,
    Failure,
    Imported,
    Libraries,
    Load,
    Loaded,
    NamedSketch,
    TargetSpec,
)

Request = (
    Load
    | Check
    | Measure
    | Record
    | Time
    | Replay
    | Vary
    | Probe
    | FindSetting
    | Inspect
    | Exercise
    | Mark
    | Libraries
    | Close
)
Reply = (
    Loaded
    | Checked
    | Measured
    | Timed
    | Replayed
    | Varied
    | Probed
    | Inspected
    | FoundSetting
    | Marked
    | Imported
    | Failure
)

__all__ = [
    "OUTPUTS_INDEX",
    "OUTPUTS_TOLERANCE",
    "CallEnergy",
    "Check",
    "Checked",
    "Close",
    "CpuPower",
    "Described",
    "Exercise",
    "Failure",
    "FindSetting",
    "FoundSetting",
    "Imported",
    "Inspect",
    "Inspected",
    "Laid",
    "Libraries",
    "Load",
    "Loaded",
    "Mark",
    "Marked",
    "Masks",
    "Measure",
    "Measured",
    "NamedSketch",
    "NotReplayed",
    "OutputCheck",
    "OutputError",
    "Probe",
    "Probed",
    "Record",
    "Replay",
    "ReplayItem",
    "Replayed",
    "Reply",
    "Request",
    "Sample",
    "Site",
    "Slot",
    "StepTiming",
    "TargetSpec",
    "Time",
    "Timed",
    "Varied",
    "VariedCall",
    "Vary",
    "Visit",
    "names_digest",
]
