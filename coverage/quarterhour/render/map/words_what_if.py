"""The words of the page's "what if" panel, in Chinese and English; `{…}` are filled by the page."""

from __future__ import annotations

from typing import Final

WHAT_IF: Final[dict[str, tuple[str, str]]] = {
    "whatif": ("试一试", "What if"),
    "whatif_lead": (
        "在图上试改设施和道路，立刻看到谁会变为可达；只在本页试算。",
        "Change facilities and streets and see at once who would be covered; nothing is saved.",
    ),
    "whatif_wait": ("正在准备试算…", "Getting ready…"),
    "whatif_old": (
        (
            "此浏览器不能解压路网（缺少 DecompressionStream），无法试算；请换用新版 Edge、Chrome 或"
            " Firefox。地图的其他部分不受影响。"
        ),
        (
            "This browser cannot unpack the network (no DecompressionStream), so nothing can be"
            " tried here; a current Edge, Chrome or Firefox can. The rest of the map works."
        ),
    ),
    "whatif_damaged": (
        "文件中的路网数据已损坏，无法试算；请重新生成地图。",
        "The network in this file is damaged, so nothing can be tried; make the map again.",
    ),
    "whatif_failed": (
        "自检未通过（{failed} / {n}）：本浏览器的试算结果与报告不一致，试算功能已关闭。",
        (
            "The self-test failed ({failed} of {n}): this browser computes other figures than the"
            " report, so trying is switched off."
        ),
    ),
    "whatif_foreign": (
        "文件中的路网和人口属于另一项研究，与本页数字不符，试算功能已关闭；请重新生成地图。",
        (
            "The network and people in this file belong to another study than the figures of this"
            " page, so trying is switched off; make the map again."
        ),
    ),
    "whatif_tested": ("自检 {n} 项，与报告一致", "Self-test: {n} answers agree with the report"),
    "whatif_tested_rounded": (
        "自检 {n} 项，与程序按取整人口算出的答案一致",
        "Self-test: {n} answers agree with the program's own for the rounded people",
    ),
    "whatif_rounded": (
        (
            "试算用的各处人口按 {n} 人取整，零星人口并到邻近处，增减只准到约 {n} 人。"
            "试算的现状可达与报告相差：{off}。"
        ),
        (
            "Trials count people of places in multiples of {n}; single people stand at a place near"
            " by, so a change is right to about {n}. Covered today, against the report: {off}."
        ),
    ),
    # where a trial begins
    "begin_said": (
        "试一试从“{name}”开始：已放好 {n} 项改动，新址是图钉，可拖动、改名、移走。",
        "Begun from “{name}”, with all of its changes ({n}); drag, name or remove the pins.",
    ),
    "begin_from": (
        "起点是“{name}”（{n} {unit}可达）；与它相比：{change}",
        "Begun from “{name}” ({n} {unit} covered); against it: {change}",
    ),
    "begin_today": (
        "试一试从现状开始：地图已由“{name}”回到现状。",
        "What if begins from today: the map is back from “{name}”.",
    ),
    "begin_many": (
        "“{name}”有 {n} 项改动，试一试最多 {most} 项，因此从现状开始：地图已回到现状。",
        "“{name}” has {n} changes and What if takes at most {most}: it begins from today.",
    ),
    "begin_kept": (
        "您此前的试算仍在：地图已由“{name}”回到试算。",
        "Your trial is still there: the map is back to it from “{name}”.",
    ),
    "begin_anew": ("改从“{name}”开始", "Begin from “{name}” instead"),
    "begin_site": ("在“试一试”里移动", "Move it in What if"),
    # the tools
    "whatif_tools": ("要试什么？", "What do you want to try?"),
    "tool_add": ("增设设施", "Add facility"),
    "tool_move": ("移动设施", "Move facility"),
    "tool_close": ("关闭设施", "Close facility"),
    "tool_cut": ("封闭道路", "Close street"),
    "tool_link": ("新增道路", "Add street"),
    "hint_add": ("点选地图上的位置。", "Click on the map."),
    "hint_keys": (
        "用键盘：方向键移动地图，回车选取十字中心处，Esc 取消。",
        "By keyboard: arrow keys move the map, Enter takes the cross, Esc cancels.",
    ),
    "tools_streets": (
        "本图以道路长度代替人口：道路一改，总量也变，故不能试改道路。",
        (
            "Length of street stands in for people here: a change of streets would change the"
            " total, so streets cannot be tried."
        ),
    ),
    "hint_move": (
        "拖动要移动的现有设施，或先点选。",
        "Drag the facility to move, or click on it first.",
    ),
    "hint_close": ("点选要关闭（或恢复）的现有设施。", "Click on the facility to close or reopen."),
    "hint_cut": (
        "点选要封闭的桥或路段：此处将无人能通过。",
        "Click on the bridge or street to close: nobody will pass that point.",
    ),
    "hint_link": ("点选新路的起点。", "Click where the new street begins."),
    "hint_link_end": ("再点选新路的终点。", "Now click where it ends."),
    "hint_drag": (
        "拖动图钉，或选中后用方向键移动（Shift 为小步），Delete 移除。",
        "Drag the pin, or move it with the arrow keys (Shift for small steps); Delete removes it.",
    ),
    # messages
    "far_none": (
        "此处 {limit} 米内没有可走的道路：在路网以外，无法试算，不计为零。",
        (
            "No street to walk on within {limit} m: outside the network, so there is no answer (not"
            " zero)."
        ),
    ),
    "far_some": (
        "最近的道路在 {far} 米外，超过连接上限 {limit} 米：在路网以外，无法试算，不计为零。",
        (
            "The nearest street is {far} m away, beyond the limit of {limit} m: outside the"
            " network, so there is no answer (not zero)."
        ),
    ),
    "far_blocked": (
        "此处与附近道路之间隔着水面、铁路、快速路或围墙，无法连接路网，不计为零。",
        (
            "Water, a railway, an expressway or a wall lies between here and the streets near by:"
            " not linked, so there is no answer (not zero)."
        ),
    ),
    "no_street": ("附近没有可选的道路，请点在道路上。", "No street here; click on a street."),
    "link_same": (
        "起点和终点在同一处，请另选终点。",
        "Both ends are one place; choose another end.",
    ),
    "not_serving": (
        "该设施现状未计入，不能关闭或移动。",
        "This facility is not counted today, so it cannot be closed or moved.",
    ),
    "too_many": ("最多 {n} 项改动。", "At most {n} changes."),
    # what came of it
    "whatif_result": ("试算结果", "Result"),
    "whatif_nothing": (
        "还没有改动：以下为现状。",
        "Nothing is changed yet: these are today's figures.",
    ),
    "trial": ("试算", "Trial"),
    "change": ("变化", "Change"),
    "today_figures": ("现状数字，不含试算", "Today's figures, without the trial"),
    "trial_banner": ("试算方案，非现状", "Trial, not the present state"),
    "trial_idle": (
        "试一试：还没有改动，图上为现状。",
        "What if: nothing is changed yet, the map shows today.",
    ),
    "alarm_sheet": ("本图试一试自检未通过", "Self-test of What if failed on this map"),
    "trial_gain": ("{group}可达 {change} {unit}", "{group} covered: {change} {unit}"),
    "trial_off": ("位置在路网外", "outside the network"),
    "trial_clear": ("清除试算", "Clear the trial"),
    "covered_within": ("{minutes} 分钟内可达", "Covered within {minutes} min"),
    "of_total": ("占总量 {base} {unit}", "of all {base} {unit}"),
    "of_linked": ("占已连接路网的 {base} {unit}", "of the {base} {unit} linked to the roads"),
    "at_speed": ("步速 {speed} 米/秒", "{speed} m/s"),
    "terms_alone": (
        "其中只因时限、步速而变：{change} {unit}。与标准比较时请用现状的时限和步速。",
        (
            "Of this, by the terms alone (minutes, speed): {change} {unit}. Compare with a standard"
            " at today's terms."
        ),
    ),
    "gained_lost": (
        "新增可达 {gained} {unit}，不再可达 {lost} {unit}。",
        "{gained} {unit} newly covered, {lost} {unit} no longer covered.",
    ),
    "apart": (
        "未能连接路网 {n} {unit}，单列，任何新点都不会改变。",
        "{n} {unit} not linked to the roads, counted separately; no new site changes that.",
    ),
    "trial_capacity": (
        "服务区不等于床位：此处只算走不走得到，不算容纳得下多少人。",
        (
            "A service area is not a bed: this tells what is within a walk, not who would find a"
            " place."
        ),
    ),
    # the list of changes
    "changes": ("改动清单", "Changes"),
    "changes_none": ("尚无改动。", "No changes yet."),
    "undo": ("撤销", "Undo"),
    "redo": ("重做", "Redo"),
    "reset": ("全部清除", "Reset"),
    "remove": ("移除", "Remove"),
    "go_there": ("在图上看", "Show on the map"),
    "pin_name": ("名称", "Name"),
    "pin_moved": ("原第 {n} 处设施", "Facility no. {n}"),
    "pin_alone": ("单独可新增 {n} {unit}", "alone: {n} {unit}"),
    "pins_joint": (
        "{n} 个试算点：各自新增相加 {sum} {unit}，合起来 {joint} {unit}，重叠 {both} {unit}。",
        (
            "{n} pins: {sum} {unit} one by one, {joint} {unit} together; {both} {unit} counted more"
            " than once."
        ),
    ),
    "pins_apart": (
        "{n} 个试算点互不重叠，合起来新增 {joint} {unit}。",
        "{n} pins, which share nobody: {joint} {unit} together.",
    ),
    "item_unnamed": ("第 {n} 处设施（无名称）", "Facility no. {n} (no name)"),
    "pin_new": ("试算点 {n}", "Trial site {n}"),
    "item_add": ("增设", "New"),
    "item_move": ("移动", "Moved"),
    "item_close": ("关闭", "Closed"),
    "item_cut": ("封闭道路", "Street closed"),
    "item_link": ("新增道路", "New street"),
    "item_terms": ("时限与步速", "Minutes and speed"),
    "whatif_move": ("试移动", "Try moving"),
    "whatif_close": ("试关闭", "Try closing"),
    "whatif_start": ("试开办", "Try opening"),
    "whatif_open": ("恢复", "Reopen"),
    # terms
    "terms": ("时限与步速", "Minutes and walking speed"),
    "terms_minutes": ("时限", "Minutes"),
    "terms_speed": ("步速", "Walking speed"),
    "terms_preset": ("按步行者", "As this walker"),
    "terms_own": ("（自定）", "(own value)"),
    "terms_today": ("恢复现状的时限和步速", "Back to today's terms"),
    "terms_rule": (
        "本服务按距离规则计算（{rule}），规则没有步速，也只有这几档时限，因此不设滑块。",
        (
            "This service follows a distance rule ({rule}), which knows no speed and no other"
            " minutes, so there is no slider."
        ),
    ),
    "terms_steps": (
        "只换步速；能否走台阶、等候时间仍按本服务的步行者。",
        "Only the speed changes; steps and waits stay those of this service's walker.",
    ),
    # the gain of every position
    "best": ("放在哪里最好？", "Where would one more help most?"),
    "best_lead": (
        "逐一试算路网上每个节点：若在此再设一处，可新增多少人可达。",
        "Tries every node of the network: how many people one more facility there would cover.",
    ),
    "best_start": ("计算增益图", "Compute the gain everywhere"),
    "best_again": ("重新计算", "Compute again"),
    "best_cancel": ("停止", "Cancel"),
    "best_off": ("隐藏增益图", "Hide the gain"),
    "best_stale": (
        "改动之后，增益图已过时。",
        "The gain was computed before the last change.",
    ),
    "best_found": (
        "下一处最佳位置可新增 {n} {unit}（{group}）。",
        "The best next position would add {n} {unit} ({group}).",
    ),
    "best_none": (
        "再设一处也不会新增可达人口。",
        "One more facility would add nobody.",
    ),
    "best_add": ("在该处增设", "Add it there"),
    "best_legend": ("再设一处可新增可达", "One more facility here would add"),
    "best_star": ("新增最多的位置", "The position that adds most"),
    "best_note": (
        "位置只看路网和人口，不看用地、造价和规划条件。",
        "Only streets and people are looked at, not land, cost or planning conditions.",
    ),
    "cancelled": ("已停止。", "Cancelled."),
    # against a reference
    "compare_reference": ("与参照方案比较", "Compare with a reference"),
    "compare_greedy": (
        "与逐个取优（贪心）比较",
        "Compare with the greedy choice",
    ),
    "compare_proposal": ("与优化方案比较", "Compare with the optimised proposal"),
    "compare_need": (
        "先放置至少一个试算点。",
        "Place at least one pin first.",
    ),
    "compare_yours": ("您的 {n} 处", "Your {n}"),
    "compare_theirs": ("逐个取优的 {n} 处", "Greedy choice of {n}"),
    "compare_optimum": ("优化方案的 {n} 处", "Optimised proposal of {n}"),
    "compare_added": ("新增可达", "Newly covered"),
    "compare_proven": ("优化方案已证明最优。", "The proposal is proven to be the best."),
    "compare_unproven": ("优化方案未证明最优。", "The proposal is not proven to be the best."),
    "compare_bound": (
        "优化方案未证明最优；任何同类方案最多新增 {n} {unit}。",
        "The proposal is not proven; no choice of its question adds more than {n} {unit}.",
    ),
    "compare_others": (
        "您的试算还含关闭、道路或时限、步速的改动，而优化方案按现状计算，两者不完全可比。",
        (
            "Your trial also closes facilities or changes streets or terms; the proposal was made"
            " for today, so the two are not quite alike."
        ),
    ),
    "compare_what": (
        "贪心：每次取增益最大的节点，不保证整体最优，也不看用地和候选点名单。",
        (
            "Greedy: the node of the largest gain, one after the other; not certain to be the best"
            " set, and without land or candidate lists."
        ),
    ),
    "compare_short": ("比参照少 {n} {unit}（达到 {share}）", "{n} {unit} fewer ({share} of it)"),
    "compare_equal": ("与参照相同", "the same as the reference"),
    "compare_more": ("比参照多 {n} {unit}", "{n} {unit} more than the reference"),
    "compare_show": ("在图上显示参照位置", "Show the reference on the map"),
    "compare_stale": (
        "改动之后，比较已过时。",
        "The comparison was made before the last change.",
    ),
    # gaps that are left
    "left": ("空白区还剩多少人", "People left in the gaps"),
    "left_rank": ("新序", "Rank"),
    "left_was": ("现状第 {n}", "today no. {n}"),
    "left_left": ("剩余", "Left"),
    "left_closed": ("已补齐", "filled"),
    "left_here": ("试算后剩余 {n} {unit}", "{n} {unit} left in the trial"),
    "left_below": ("以下为现状", "Below: as it is today"),
    "left_none": ("试算后补齐，无人剩余", "Filled in the trial: nobody is left"),
    "left_fresh": ("试算后新出现", "new in the trial"),
    "left_fresh_near": ("{letter} · {name}一带", "{letter} · around {name}"),
    "left_most": ("图上标出最大的 {n} 处。", "The {n} largest are on the map."),
    "left_rule": (
        "试算按现状空白区扣减；正式的空白区由 quarterhour run 重新划分，名次可能不同。",
        (
            "A trial counts down today's gaps; quarterhour run draws all gaps anew, so that ranks"
            " may differ."
        ),
    ),
    "left_new": (
        (
            "现状可达、试算后不再可达的 {n} {unit}，"
            "分在 {gaps} 处新空白区（字母编号，沿路 {m} 米内归为一处）。"
        ),
        (
            "{n} {unit} covered today are no longer covered: new gaps A, B, … ({gaps} in all,"
            " joined within {m} m along the streets)."
        ),
    ),
    # files
    "files": ("保存与读入", "Save and load"),
    "files_lead": (
        (
            '导出的 GeoJSON 可再读入本页；在研究文件的 [[scenario]] 下写 pins = "文件名"，'
            "quarterhour run 即按同样的位置正式计算。"
        ),
        (
            'The GeoJSON can be loaded here again; with pins = "its name" under [[scenario]] of'
            " the study file, quarterhour run computes with the same positions."
        ),
    ),
    "layers_whatif": ("图例、空白区与试算", "Legend, gaps and what if"),
    "files_export": ("导出 GeoJSON", "Export GeoJSON"),
    "files_import": ("读入 GeoJSON", "Import GeoJSON"),
    "files_drop": ("也可把文件拖到这里。", "Or drop the file here."),
    "files_done": ("已读入 {n} 项改动。", "Changes loaded: {n}."),
    "files_linked": (
        "其中 {n} 处按经纬度重新连接到本图路网。",
        "Of them linked to this network by longitude and latitude: {n}.",
    ),
    "files_again": (
        "{n} 项改动已在试算中，未重复加入。",
        "Being tried already, and not added again: {n}.",
    ),
    "files_left": (
        "{n} 项未读入：不在路网上，或不属于本图。",
        "Left out, as off the network or not of this map: {n}.",
    ),
    "files_large": (
        "文件超过 {n} MB，不像试算方案；未读入。",
        "The file is larger than {n} MB, which no set of changes is; nothing was loaded.",
    ),
    "files_wrong": (
        "这不是含点或线的 GeoJSON（FeatureCollection，WGS-84 经纬度）；未读入。",
        (
            "This is no GeoJSON FeatureCollection of points or lines in longitude and latitude;"
            " nothing was loaded."
        ),
    ),
    "files_none": (
        "文件里没有能用在本图上的改动；未读入。",
        "Nothing in the file can be used on this map; nothing was loaded.",
    ),
    # legend
    "trial_area": ("试算点的服务区（走得到的道路）", "Streets reached from the pins"),
    "trial_whole": ("试算后的服务区（走得到的道路）", "Streets reached in the trial"),
    "trial_gained": ("试算后新增可达", "Newly covered in the trial"),
    "trial_lost": ("试算后不再可达", "No longer covered in the trial"),
    "trial_filled": ("试算后补齐的空白区", "Gap filled in the trial"),
    "trial_fresh": ("试算后新出现的空白区", "New gap in the trial"),
    "trial_shut": ("试算封闭处", "Street closed in the trial"),
    "trial_link": ("试算新增道路", "Street added in the trial"),
}
