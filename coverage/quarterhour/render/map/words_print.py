"""The words of the printed sheet, of the picture and of the briefing mode, Chinese and English."""

from __future__ import annotations

from typing import Final

PRINTED: Final[dict[str, tuple[str, str]]] = {
    # the buttons on the map
    "outputs": ("演示与输出", "Present and export"),
    "brief": ("演示", "Present"),
    "brief_start": ("开始演示", "Start the briefing"),
    "print": ("打印", "Print"),
    "print_map": ("打印地图", "Print the map"),
    "picture": ("图片", "PNG"),
    "picture_save": ("把当前地图存为图片（PNG）", "Save the map as a picture (PNG)"),
    # the dialog of printing
    "paper": ("纸张", "Paper"),
    "orientation": ("方向", "Orientation"),
    "landscape": ("横向", "Landscape"),
    "portrait": ("纵向", "Portrait"),
    "print_language": ("图面语言", "Language of the sheet"),
    "print_hint": (
        "打印的是当前图面：服务、图层和范围。打印机里请选同样的纸张和“实际大小”。",
        "It prints what the map shows. In the printer's dialog choose the same paper, actual size.",
    ),
    "print_go": ("打印或存为 PDF", "Print or save as PDF"),
    "cancel": ("取消", "Cancel"),
    # the sheet
    "made_by": ("制图单位", "Made by"),
    "drawn_on": ("出图日期", "Drawn on"),
    "projection": (
        "WGS 84，网络墨卡托投影；比例尺以图幅中部为准",
        "WGS 84, Web Mercator; the scale bar holds for the middle of the sheet",
    ),
    "approval_no": ("审图号", "Map approval no."),
    "gaps_first": ("空白区（最大的 {n} 处，共 {total} 处）", "Gaps (the {n} largest of {total})"),
    "gap_walk": ("到最近设施的步行路线", "Walk to the nearest facility"),
    "gaps_cut": (
        "其余按名次标在图上（限放得下的）",
        "the others on the map by rank, where there is room",
    ),
    # the briefing mode
    "brief_view": ("汇报内容", "Briefing"),
    "brief_next": ("下一页", "Next"),
    "brief_previous": ("上一页", "Previous"),
    "brief_leave": ("退出演示", "Leave"),
    "brief_full": ("全屏", "Full screen"),
    "brief_of": ("第 {n} 页，共 {total} 页", "View {n} of {total}"),
    "brief_pages": ("页", "Views"),
}
