"""The folder of a finished run, and what is not the same in the studies of two."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from quarterhour.errors import InputError
from quarterhour.sources.roads.cache import file_sha256

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NEEDED = "needed is the folder of a finished run, with summary.json, results.gpkg and manifest.json"


MOST = 1e15
"""An amount in the document of a run is less; more is no amount of anything."""


def _is_amount(value: object) -> bool:
    """Whether it is a number from 0 to `MOST`; true and false are numbers to Python alone."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= MOST


NUMBER = _is_amount
GROUPS = {"*": {"total": NUMBER, "covered": NUMBER}}
MANIFEST: dict[str, Any] = {
    "quarterhour": str,
    "libraries": {"*": str},
    "inputs": [{"role": str, "file": str, "sha256": str}],
    "options": dict,
    "outputs": {"*": str},
}
CUTOFF = {"cutoff_min": NUMBER, "groups": GROUPS}
SUMMARY: dict[str, Any] = {
    "study": {"name": str, "demand": {"kind": str, "unit": str}},
    "services": [{"name": str, "group": str, "cutoffs": [CUTOFF], "facilities": [{"name": str}]}],
}
"""What is needed of the documents of a run, see `_unlike`."""


class Difference(NamedTuple):
    """Something that the two runs do not share: `part` is program, library, input or option.

    `before`, `after`: as text, "" where one run does not have it.
    """

    part: str
    name: str
    before: str
    after: str


class Run(NamedTuple):
    """A finished run: `layers` is its GeoPackage, `changed` its files that are not as written."""

    folder: Path
    summary: Mapping[str, Any]
    manifest: Mapping[str, Any]
    layers: Path
    changed: tuple[str, ...]


def open_run(folder: Path) -> Run:
    """The documents of the run in a folder.

    Raises
    ------
    InputError
        There is no run of ours in it.
    """
    if not folder.is_dir():
        found = "there is no such folder" if not folder.exists() else "is a file"
        raise InputError(f"{folder}: {found}; {NEEDED}")
    manifest = _document(folder / "manifest.json", MANIFEST)
    # a file that was open elsewhere has a number in its name, which the manifest knows
    names = {name.split(".")[0].split("-")[0]: Path(name).name for name in manifest["outputs"]}
    summary_name, layers_name = names.get("summary", ""), names.get("results", "")
    summary = _document(folder / (summary_name or "summary.json"), SUMMARY)
    bare = next((s["name"] for s in summary["services"] if not s["cutoffs"]), None)
    if bare is not None:
        raise InputError(f"{folder}: its service {bare!r} has no cutoffs; {NEEDED}")
    layers = folder / (layers_name or "results.gpkg")
    if not layers.is_file():
        raise InputError(f"{folder}: has no {layers.name}; {NEEDED}")
    changed = tuple(
        name
        for name in (summary_name, layers_name)
        if name and file_sha256(folder / name) != manifest["outputs"][name]
    )
    return Run(folder, summary, manifest, layers, changed)


def _document(path: Path, needed: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{path.parent}: has no {path.name}; {NEEDED}") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); {NEEDED}") from error
    except ValueError as error:
        raise InputError(f"{path}: is no JSON of a run ({error}); {NEEDED}") from error
    except RecursionError as error:
        raise InputError(
            f"{path}: is no JSON of a run (brackets in brackets without end); {NEEDED}"
        ) from error
    wrong = _unlike(found, needed, "")
    if wrong is not None:
        raise InputError(f"{path}: is not of a run of quarterhour, {wrong}; {NEEDED}")
    return dict(found)


def _unlike(found: Any, needed: Any, at: str) -> str | None:  # noqa: ANN401 - as JSON has it
    """What is missing or of another type in a document; None where it is as `needed`.

    `needed`: a type, a function that says whether it is, a list with the shape of every item, or a
    table by key; the key "*" is the shape of every value.
    """
    name = at.lstrip(".") or "it"
    if isinstance(needed, list):
        if not isinstance(found, list):
            return f"{name} is no list"
        told = (_unlike(v, needed[0], f"{at}[{k}]") for k, v in enumerate(found))
        return next((t for t in told if t is not None), None)
    if isinstance(needed, dict):
        if not isinstance(found, dict):
            return f"{name} is no table"
        missing = next((k for k in needed if k != "*" and k not in found), None)
        if missing is not None:
            return f"{name} has no {missing}"
        shapes = {k: needed.get(k, needed.get("*")) for k in found}
        told = (_unlike(found[k], shape, f"{at}.{k}") for k, shape in shapes.items() if shape)
        return next((t for t in told if t is not None), None)
    fits = isinstance(found, needed) if isinstance(needed, type) else needed(found)
    return None if fits else f"{name} is {_shown(found)}"


def _shown(found: Any) -> str:  # noqa: ANN401 - as JSON has it
    text = json.dumps(found, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"


def differences(one: Mapping[str, Any], two: Mapping[str, Any]) -> Iterator[Difference]:
    """Versions, inputs and options that are not the same."""
    if one.get("quarterhour") != two.get("quarterhour"):
        yield Difference(
            "program", "quarterhour", str(one.get("quarterhour")), str(two.get("quarterhour"))
        )
    mine, theirs = one.get("libraries", {}), two.get("libraries", {})
    for name in dict.fromkeys([*mine, *theirs]):
        if mine.get(name) != theirs.get(name):
            yield Difference("library", name, str(mine.get(name, "")), str(theirs.get(name, "")))
    first, second = ({i["role"]: i for i in run["inputs"]} for run in (one, two))
    for role in dict.fromkeys([*first, *second]):
        a, b = first.get(role), second.get(role)
        if role == "study" or (a and b and a["sha256"] == b["sha256"]):
            continue  # what a study says is compared key by key
        yield Difference("input", role, _file(a), _file(b))
    options = [dict(_flat(run["options"])) for run in (one, two)]
    for key in dict.fromkeys([*options[0], *options[1]]):
        before, after = options[0].get(key, ""), options[1].get(key, "")
        if before != after:
            yield Difference("option", key, before, after)


def _file(entry: Mapping[str, Any] | None) -> str:
    return "" if entry is None else f"{entry['file']} ({str(entry['sha256'])[:8]})"


def _flat(value: Any, at: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - as JSON has it
    """Options as lines: service.养老.walker = elderly; what is not set has no line."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{at}.{key}" if at else str(key))
    elif isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
        for number, inner in enumerate(value, 1):
            yield from _flat(inner, f"{at}.{inner.get('name') or inner.get('level') or number}")
    elif value not in (None, [], ""):
        yield at, json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value
