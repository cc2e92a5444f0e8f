"""Errors a user can meet. Each text names the object, the value, the limit and the remedy.

The command line prints them in a line or two and exits with `exit_code`; anything else that
escapes is a bug of ours.
"""

from snnc.text import LINE, one_line, shortened

FAULT = 70
"""Exit code of a fault of snnc itself; Python's own, 1, would say "not equal"."""

LEAVE_OUT = (
    "leave them out: in Python snnc.load_data(FILE).labelled() are the others, and "
    "snnc.trainer.data.save_events_npz writes them"
)
"""What is said where each recording needs a label."""
TAKEN_ELSEWHERE = "or give the file to `snnc test`, or to `snnc run` or `snnc verify` of an export as --input"
TAKES_YOURS = "`snnc verify` takes yours with --input FILE"
TAKES_ALL = "`snnc verify` takes all recordings of a file with --input FILE"
FILE_OF_THEM = (
    "--dataset FILE names a file of them, as snnc.trainer.data.save_events_npz writes; `snnc verify` takes "
    "samples with --input FILE, too"
)
DENSE = "an npz with `spikes` [samples, steps, lines] and, if they are known, `labels` of the first readout"
LARGER_EVENTS = (
    "export with a larger --payload-max (from_torch takes it from its example: give one that holds as large "
    "events; from_checkpoint as payload_max)"
)
BUT_OF_EXAMPLE = "; that of from_torch is of its example, that of from_checkpoint an argument"
"""Follows a --payload-max that is named: these networks have their largest event, and no other is taken."""
MEASURE_ON = f"the file names no data to measure on; give --dataset FILE, {DENSE}"
"""Remedies of the command line, which Python has others for (`snnc.api.words`)."""


class SnncError(Exception):
    """Base of every error that `snnc` raises on purpose.

    Each of its arguments is a line. Values of strangers' files stand in them: whatever those hold, a line
    stays one line of bounded length, and steers no terminal.
    """

    exit_code = 2

    def __str__(self) -> str:
        return "\n".join(shortened(one_line(str(line)), LINE) for line in self.args)


class InputError(SnncError, ValueError):
    """A file, array or option given by the user is missing, malformed or out of range."""


class CallError(InputError, TypeError):
    """A function is called with arguments that it does not have, or without some that it needs."""


class MissingFileError(InputError):
    """A file that a command is to read is not there."""


class NotRegularError(OSError, InputError):
    """A FIFO, a device, a socket or a file of holes stands where a file is to be read.

    As an OSError it has `strerror`, so that readers report it as any file that cannot be read.
    """

    def __str__(self) -> str:
        return shortened(one_line(f"{self.filename}: {self.strerror}"), LINE)


class UnknownKindError(InputError):
    """A file of a kind that `snnc` does not know."""


class UnencodedError(InputError):
    """Recordings of sound cannot be encoded as they are, or as the options say."""


class OnlyInputError(InputError):
    """Samples in steps are input of a network, no recordings to train with: counts, or without labels."""


class NoDataError(InputError):
    """A network does not name recordings of its own: imported, made by hand, or trained in memory."""


class OwnDataError(InputError):
    """The recordings that a model was trained on are not where they were, damaged, or others."""


class NoRecordingsWarning(UserWarning):
    """A network was verified without recordings, as it names none of its own and none were given."""


class LeftOutWarning(UserWarning):
    """A network was trained, and some or all of its training in integers was left out."""


class UnlikelyWarning(UserWarning):
    """A value is possible, and most likely a slip."""


class ConfigError(InputError):
    """A training or export configuration names an unknown field or an impossible value."""


class NotInstalledError(ConfigError):
    """What was asked for needs an extra of snnc that is not installed; the text has the command for it."""


class ModelFileError(InputError):
    """`model.pt` cannot be read as plain tensors, or its content is inconsistent."""


class ArtifactError(InputError):
    """An exported folder is missing, truncated, altered, or of a version this release cannot read."""


class TraceFileError(InputError):
    """A trace file is missing, truncated, altered, or of a version this release cannot read."""


class StageError(InputError):
    """A stage's arrays disagree in shape, or hold a value its number format cannot."""


class LimitError(SnncError, ValueError):
    """A network does not fit a limit of the target (delay, weight, neurons a core, ...)."""


class RangeProofError(LimitError):
    """The static interval analysis cannot exclude an overflow (contract, clause 9).

    `weight_bits`: those with which the same export is not refused, as its option takes them; empty if none
    were found.
    """

    weight_bits: str = ""


class PassError(SnncError):
    """A pass did not keep what it promises: a fault of snnc, or of the plug-in that brought the pass."""

    exit_code = FAULT


class PluginError(SnncError):
    """A target or executor of another distribution failed with an error of its own, which is the cause."""


class ExecutorError(SnncError, RuntimeError):
    """An executor failed, timed out, or returned something that is not a trace."""


class ExecutorUnavailableError(ExecutorError):
    """An executor's environment is missing; the text says what to install."""


class TrainingError(SnncError, RuntimeError):
    """Training cannot go on (NaN loss, empty split, ...)."""
