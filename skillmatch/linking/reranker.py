"""Trees that weigh the features of a candidate, and the calibration of what they say.

Two ensembles: ``general`` learned from the project's own sentences, ``labelled`` (where such data was given) from
sentences that annotators labelled; a logistic regression joins their log odds with the gate's into a probability.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from skillmatch.errors import InputError
from skillmatch.linking.features import FEATURES
from skillmatch.linking.forest import Ensemble, Forest
from skillmatch.linking.gate import Gate
from skillmatch.output import whole_file
from skillmatch.resources import resource

_RECORD = "model.json"
_REMEDY = "rebuild it with 'skillmatch train linking'"
#: log odds are cut here: an ensemble that never saw a case is not more certain than that
_CUT = 12.0
#: what `calibrated` needs
COEFFICIENTS = ("trees", "intercept", "gate", "gate_intercept")


@dataclass(frozen=True, eq=False)
class Reranker:
    """Made by `skillmatch.linking.training`, read by `Reranker.load`.

    Attributes
    ----------
    ensembles : by name.
    gate : scores of whole sentences.
    calibration : see `calibrated`.
    threshold : probability from which on a skill counts as found.
    """

    ensembles: dict[str, Ensemble]
    gate: Gate
    calibration: dict[str, Any]
    threshold: float
    record: dict[str, Any] = field(default_factory=dict)

    def scores(
        self, features: np.ndarray, gate: np.ndarray, *, language: str = "en", more: np.ndarray | float = 0.0
    ) -> np.ndarray:
        """Calibrated log odds of each candidate; ``gate`` is the score of its sentence, ``more`` is added to the log
        odds of the trees."""
        said = np.clip(self._forest(features), -_CUT, _CUT).mean(axis=1) + more
        return calibrated(said, gate, self.calibration, language=language)

    @cached_property
    def _forest(self) -> Forest:
        return Forest(list(self.ensembles.values()))

    def save(self, folder: Path) -> None:
        """Write the model folder: plain arrays (no pickle), and a record with their hashes."""
        folder.mkdir(parents=True, exist_ok=True)
        self.gate.save(folder / "gate.npz")
        for name, ensemble in self.ensembles.items():
            ensemble.save(folder / f"{name}.npz")
        files = ["gate.npz", *(f"{name}.npz" for name in self.ensembles)]
        record = {
            "features": list(FEATURES),
            "ensembles": list(self.ensembles),
            "calibration": self.calibration,
            "threshold": self.threshold,
            **self.record,
            "files": {name: _sha256((folder / name).read_bytes()) for name in files},
        }
        with whole_file(folder / _RECORD) as stream:
            stream.write(json.dumps(record, indent=1) + "\n")

    @classmethod
    def load(cls, folder: str | Path | None = None) -> Reranker:
        """Read a model folder (default: the one that comes with skillmatch).

        Raises
        ------
        InputError : no such folder, made by another version, or a file is not the one that its record names.
        """
        folder = Path(folder) if folder is not None else resource("models", "linking")
        try:
            record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
            if record["features"] != list(FEATURES):
                raise InputError(f"{folder}: made for other features than this version has", remedy=_REMEDY)
            for name, stated in record["files"].items():
                if Path(name).name != name or _sha256((folder / name).read_bytes()) != stated:
                    raise InputError(f"{folder / name}: not the file that {_RECORD} describes", remedy=_REMEDY)
            names = [name for name in record["ensembles"] if f"{name}.npz" in record["files"]]
            ensembles = {name: Ensemble.load(folder / f"{name}.npz", len(FEATURES)) for name in names}
            calibration = record["calibration"] | {name: float(record["calibration"][name]) for name in COEFFICIENTS}
            return cls(ensembles, Gate.load(folder / "gate.npz"), calibration, float(record["threshold"]), record)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"{folder}: no readable model ({error})", remedy=_REMEDY) from error


def calibrated(said: np.ndarray, gate: np.ndarray, calibration: dict[str, Any], *, language: str = "en") -> np.ndarray:
    """Log odds that a sentence speaks of a skill at all and, if it does, of this one.

    The probability is the product of the two, each a logistic function: of the gate's score (``gate``,
    ``gate_intercept``) and of the mean log odds of the ensembles (``trees``, ``intercept``). What the ensembles say in
    another language than English is brought to their English scale first (``languages``: slope and offset); of the gate
    such a language may have coefficients of its own (``gates``: slope and intercept).
    """
    slope, offset = calibration.get("languages", {}).get(language, (1.0, 0.0))
    skill = calibration["trees"] * (slope * said + offset) + calibration["intercept"]
    own = calibration["gate"], calibration["gate_intercept"]
    gate_slope, gate_intercept = calibration.get("gates", {}).get(language, own)
    speaks = gate_slope * gate + gate_intercept
    # ln(p / (1 - p)) of a product of two logistic functions, without leaving the logarithms.
    return -np.logaddexp(np.logaddexp(-skill, -speaks), -(skill + speaks))


def log_odds(probability: np.ndarray) -> np.ndarray:
    """ln(p / (1 - p)), cut at ±12."""
    clipped = np.clip(probability, 1e-9, 1 - 1e-9)
    return np.clip(np.log(clipped / (1 - clipped)), -_CUT, _CUT)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
