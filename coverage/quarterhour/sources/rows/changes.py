"""Everything that was read otherwise than it is written, kept small."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from quarterhour.inputs import Change, Note
from quarterhour.measures import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_ROWS = 20
"""So many rows of one kind in one column are told one by one; more are one change with a number."""

KINDS: dict[str, tuple[str, str]] = {
    "dms": ("度分秒", "written in degrees, minutes and seconds"),
    "hemisphere": ("带方位字母", "written with a letter or a word for half of the earth"),
    "full_width": ("全角字符", "written in full-width signs"),
    "invisible": ("含不可见字符", "written with invisible signs"),
    "comma": ("带逗号", "written with a comma"),
    "plain": ("带多余符号", "written with other signs around it"),
    "one_cell": ("经纬度在同一单元格", "both coordinates in one cell"),
    "swapped": ("经纬度颠倒", "longitude and latitude the other way round"),
    "unit": ("数字带单位", "written with a unit"),
    "about": ("约数", "not exact"),
    "date": ("日期", "a date"),
    "unread": ("看不懂，按空白处理", "not understood and left blank"),
    "zone": ("属于另一投影带", "in another zone"),
}
"""What a kind of change is called, in Chinese and English."""


@dataclass(slots=True)
class ChangeLog:
    """Collects the changes of one table; many of one kind in one column become one."""

    layer: str
    file: str
    sheet: str
    numbers: Sequence[int]
    names: Sequence[str] = ()
    _whole: list[Change] = field(default_factory=list)
    _count: dict[tuple[str, str], int] = field(default_factory=dict)
    _rows: dict[tuple[str, str], list[tuple[int, str, str]]] = field(default_factory=dict)

    def row(self, kind: str, heading: str, k: int, found: str, made: str) -> None:
        """Cell of row index `k` under `heading` held `found` and is read as `made`."""
        key = kind, heading
        self._count[key] = self._count.get(key, 0) + 1
        if self._count[key] <= MOST_ROWS:
            self._rows.setdefault(key, []).append((k, _short(found), made))

    def whole(self, kind: str, zh: str, en: str) -> None:
        """Something about the whole file."""
        self._whole.append(self._change(kind, None, "", Note(zh, en)))

    def done(self) -> tuple[Change, ...]:
        """All changes: of the file first, then by kind and column."""
        found = list(self._whole)
        for (kind, heading), rows in self._rows.items():
            zh, en = KINDS[kind]
            count = self._count[kind, heading]
            if count > MOST_ROWS:
                k, cell, made = rows[0]
                note = Note(
                    f"“{heading}”列有 {count} 行{zh}，例如第 {self.numbers[k]} 行"
                    + (f"“{cell}”读作 {made}" if made else f"“{cell}”"),
                    f"{heading}: {counted(count, 'cell is', 'cells are')} {en}; for example row"
                    f" {self.numbers[k]}:"
                    f" {cell!r}" + (f" was read as {made}" if made else ""),
                )
                found.append(self._change(kind, None, "", note))
                continue
            for k, cell, made in rows:
                note = Note(
                    f"“{heading}”为“{cell}”（{zh}）" + (f"，读作 {made}" if made else ""),
                    f"{heading} {cell!r} is {en}" + (f" and was read as {made}" if made else ""),
                )
                name = self.names[k] if k < len(self.names) else ""
                found.append(self._change(kind, self.numbers[k], name, note))
        return tuple(found)

    def _change(self, kind: str, row: int | None, name: str, note: Note) -> Change:
        return Change(
            layer=self.layer, file=self.file, sheet=self.sheet, row=row, name=name, kind=kind,
            detail=note,
        )  # fmt: skip


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."
