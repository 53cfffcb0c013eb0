"""The shape of the source: imports point down, files are short, the folder's name does no harm."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "coverage" / "quarterhour"

FLOORS: list[set[str]] = [
    {"errors", "units", "_version"},
    {"kernels"},
    {"model"},
    {"inputs", "walkers", "core.parallel"},
    {"tabular", "measures"},
    {"core.grid"},
    {"core.crossing"},
    {
        "core.graph",
        "core.impedance",
        "core.slope",
        "core.snap",
        "core.search",
        "core.merge",
        "core.misses",
        "core.diagnosis",
        "core.spread",
        "core.waits",
        "core.splice",
        "core.joining",
        "core.closing",
        "core.identity",
        "core.alter",
        "core.pinned",
        "core.carried",
        "core.range_coder",
    },
    {"core.reach"},
    {"core.siting"},
    {"core.cover", "core.supply", "core.allocation", "core.equity"},
    {"core.pieces"},
    {"core.area_cells"},
    {"core.area_error", "core.area_field", "core.area_outline"},
    {"core.service_area"},
    {"core.gaps", "core.route"},
    {"core.apart", "core.parting"},
    {"frames"},
    {"sources", "render", "targets"},
    {"assessing.ground"},
    {"assessing.relief"},
    {"assessing.glance"},
    {"assessing.assessment"},
    {"assessing.known_links"},
    {"assessing.residential", "assessing.shapes", "assessing.facility_links"},
    {"assessing.guard_zone"},
    {"assessing.circles", "assessing.place_search"},
    {"assessing.analysis"},
    {"assessing.beside"},
    {"study_file.types"},
    {"study_file.answer_parts", "study_file.site_parts"},
    {"study_file.parts"},
    {"study_file.words"},
    {"study_file.settings_answers"},
    {"results", "study_file.settings", "demo_study"},
    {"gather.ground"},
    {"gather.inputs"},
    {"manifest"},
    {"gather.laying", "checks.looks"},
    {"plans", "answers"},
    {"briefing.gaps"},
    {"briefing.states"},
    {"whatif"},
    {"briefing.scenarios", "briefing.views"},
    {"briefing.shown"},
    {"scenarios.pins"},
    {"scenarios.inputs", "scenarios.unserved", "checks.findings", "scenarios.notes"},
    {"scenarios.scenario"},
    {"checks.scenarios", "checks.answers"},
    {"report_tables"},
    {"report"},
    {"publish"},
    {"study"},
    {"siting"},
    {"template.services", "template.answers"},
    {"template.books", "template.toml"},
    {"template.folder"},
    {"checks.checking"},
    {"checks.report"},
    {"terminal_answers"},
    {"terminal"},
    {"commands"},
    {"cli"},
    {"", "__main__"},
]
READERS_AND_DRAWERS = {"sources", "render", "targets"}
"""Packages on one floor that do not import each other."""

GROUPS = {*READERS_AND_DRAWERS, "core.siting", "plans", "answers", "siting", "commands", "whatif"}
"""Packages whose modules stand on one floor, and may import each other."""

PURE = ("core", "model", "units", "errors")
FORBIDDEN_BELOW = {"pandas", "geopandas", "pyogrio", "rasterio", "folium", "logging", "pathlib",
                   "osmium", "osmnx", "openpyxl", "pyproj"}  # fmt: skip


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(p for p in parts if p != "__init__")] = path
    return found


def group(module: str) -> str:
    """The package of `GROUPS` that a module is in, or its own name."""
    return next((g for g in GROUPS if module == g or module.startswith(f"{g}.")), module)


def floor(module: str) -> int:
    for number, names in enumerate(FLOORS):
        if module in names or group(module) in names:
            return number
    pytest.fail(f"{module} stands on no floor: add it to FLOORS in tests/test_floors.py")


def imports(path: Path) -> set[str]:
    """Absolute names of everything that a module imports, except for type checking."""
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return
        if isinstance(node, ast.Import):
            found.update(a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; write the whole name"
            found.add(str(node.module))
            found.update(f"{node.module}.{a.name}" for a in node.names)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text(encoding="utf-8")))
    return found


def test_imports_point_down() -> None:
    known = modules()
    wrong = []
    for module, path in known.items():
        if module in {"", "__main__"}:
            continue
        for name in imports(path):
            target = name.removeprefix("quarterhour.")
            if not name.startswith("quarterhour.") or target not in known or target == module:
                continue
            same_wing = (
                group(module) == group(target)
                or (module.startswith("core.") and target.startswith("core."))
                or {group(module), group(target)} == {"plans", "answers"}
            )
            if known[target].name == "__init__.py":
                continue  # nothing but its first line
            if floor(target) > floor(module) or (
                floor(target) == floor(module) and not same_wing and floor(module) > 4
            ):
                wrong.append(f"{module} imports {target}, which stands above or beside it")
            wings = {group(module), group(target)} & READERS_AND_DRAWERS
            if len(wings) > 1:
                wrong.append(f"{module} imports {target}: readers and drawers do not meet")
    assert not wrong, "\n".join(wrong)


def test_the_core_is_pure() -> None:
    wrong = [
        f"{module} imports {name}: the core knows arrays only"
        for module, path in modules().items()
        if module.split(".")[0] in PURE
        for name in imports(path)
        if name.split(".")[0] in FORBIDDEN_BELOW
    ]
    assert not wrong, "\n".join(wrong)


def test_no_file_is_long() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for folder in (PACKAGE, ROOT / "tests", ROOT / "scripts")
        for path in folder.rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert not long, f"over 400 lines, probably two ideas in one file: {long}"


def test_the_source_root_is_no_package() -> None:
    assert not (ROOT / "coverage" / "__init__.py").exists(), (
        "coverage/__init__.py would make numba import this folder instead of coverage.py"
    )


def test_every_package_is_installed() -> None:
    given = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    folders = {path.parent.relative_to(PACKAGE.parent) for path in PACKAGE.rglob("*.py")}
    found = {".".join(folder.parts) for folder in folders}
    named = set(given["tool"]["setuptools"]["packages"]) - {"quarterhour.demo"}
    assert found == named


def test_numba_imports_from_the_repository_root() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import numba, coverage; print(coverage.__version__)"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("order", ["rasterio, pyogrio", "pyogrio, rasterio"])
def test_both_import_orders_of_the_two_gdals(order: str, tmp_path: Path) -> None:
    code = f"""
import {order}
import geopandas, shapely, numpy as np
from rasterio.transform import from_origin
g = geopandas.GeoDataFrame({{"a": [1]}}, geometry=[shapely.Point(105, 30)], crs=4326)
g.to_file("a.gpkg")
with rasterio.open("a.tif", "w", driver="GTiff", width=1, height=1, count=1, dtype="uint8",
                   crs="EPSG:4326", transform=from_origin(105, 30, 1, 1)) as t:
    t.write(np.ones((1, 1, 1), "uint8"))
assert rasterio.open("a.tif").crs.to_epsg() == 4326
assert geopandas.read_file("a.gpkg").crs.to_epsg() == 4326
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_importing_the_package_is_light() -> None:
    code = (
        "import sys, quarterhour; heavy = {'numba', 'geopandas', 'pandas', 'folium', 'scipy',"
        " 'rasterio', 'osmnx'} & set(sys.modules); assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_public_name_exists() -> None:
    import quarterhour

    for name in quarterhour.__all__:
        assert getattr(quarterhour, name) is not None
