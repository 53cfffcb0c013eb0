"""The study file of a new study: every key that a study may have, explained in place.

A line that is ready to use stands alone; an optional one begins with # and no blank, so that taking
the # away is all there is to do. In the texts below, %zh and %en begin an explanation in one
language, and a name in < > is filled in.
"""

from __future__ import annotations

import re

from quarterhour.template.answers import ANSWERS
from quarterhour.template.services import OPTIONS, SERVICE

PARTS = """
%zh 一刻钟（Quarterhour）研究文件。用记事本打开，保存为 UTF-8。
%zh 路径从本文件所在文件夹算起，用 / 分隔。
%zh “# ”开头的是说明；“#”后面没有空格的是可选项，去掉 # 即可启用。
%zh 填好后运行：quarterhour check study.toml，再运行：quarterhour run study.toml --out 结果
%en Study file of Quarterhour: UTF-8 text; paths are taken from this file's folder, with /.
%en Lines with "# " explain; lines with # and no blank are options: take the # away to use them.
%en When filled: quarterhour check study.toml, then: quarterhour run study.toml --out results

%zh 研究本身
%en The study itself
[study]
%zh 名称，即地图标题
%en Name, the title of the map
name = "<name>"
%zh 结果的语言：zh 中文、en 英文、both 双语
%en Language of the results: zh, en or both
language = "<language>"
%zh 研究范围（面）；不写则取人口数据的范围
%en Study area (polygons); left out: the extent of the people
#area = "研究范围.gpkg"
%zh 文件有多个图层时写图层名
%en Layer of a file that has several
#area_layer = "boundary"
%zh 研究范围来自高德、腾讯（gcj02）或百度（bd09）时写明；默认 wgs84
%en Where the area comes from a map in gcj02 or bd09; default wgs84
#area_coordinates = "gcj02"
%zh 数据日期，印在地图上
%en Date of the data, printed on the map
#data_date = "2026-01"
%zh 资料来源，印在地图上；OpenStreetMap 自动注明
%en Sources, printed on the map; OpenStreetMap is credited by itself
#attribution = ["××区民政局"]
%zh 最近设施最远找到多少分钟
%en How far (minutes) the nearest facility is looked for
#limit_min = 60
%zh 另以这些步行者计算，作对比（见 quarterhour walkers）
%en Further walkers for comparison (see quarterhour walkers)
#walkers = ["adult", "elderly_75_plus"]
%zh 除 results.gpkg 外，结果图层另存为这些格式：geojson、geoparquet
%en Further formats of the layers of results.gpkg: geojson, geoparquet
#formats = ["geojson", "geoparquet"]
%zh 在线底图地址；不写则地图不联网
%en Online base map; left out: the map makes no request
#tiles = "https://tile.example.org/<z>/<x>/<y>.png"
%zh 在线底图的来源
%en Credit of the online base map
#tiles_attribution = "底图来源"
%zh 地图将公开使用：须填审图号，或不画行政区界线；去掉“内部工作用图”标记
%en The map will be public: with the number of its review, or without boundaries
#public = true
%zh 审图号，印在地图左下角
%en Number of the map's review, printed at the bottom left
#approval_no = "GS(2026)0001"
%zh 制图单位，印在图纸的图签里
%en Who made the map, printed in the sheet's title block
#made_by = "某区规划编制中心"
%zh 不画研究范围和行政区界线（计算不受影响）
%en Whether the study boundary and the district lines are drawn; it changes no figure
#boundaries = false
%zh 数据是虚构的，在地图上注明
%en The data is made up; the map says so
#synthetic = true
%zh 地图内含步行路网和各处人口，可在网页上试算（true，默认）；涉及保密数据时写 false，文件中没有
%zh 任何一处人口的位置和人数，也没有供计算的路网；写 "places" 则有人口点，没有路网，不能试算
%en true (default): the map holds the walking network and the people of every place, to try out
%en changes in the page; false: neither is in the file; "places": the places without the network
#what_if = false
%zh 地图内各处人口按此人数取整（图上的点和试算都是），零星人口并到邻近处；合计仍是准确数；0 为不取整
%en People of places in the map as multiples of this number, drawn or tried with; single people
%en stand at a place near by, totals stay exact; 0: exact
#what_if_rounding = 10
%zh 对照的城市规划，与 [targets] plans 相同
%en City plans whose targets are checked, as [targets] plans
#plan = "ziyang"

%zh 道路。三选一：source、place、bbox
%en Roads: exactly one of source, place and bbox
[roads]
%zh 道路文件，请复制到本文件夹：.osm.pbf .osm（OpenStreetMap），
%zh 或 .gpkg .shp .geojson .parquet（测绘、规划的道路中心线）。
%zh 范围要比研究范围每边多出约 4 公里
%en Road file, to be copied into this folder: .osm.pbf .osm (OpenStreetMap),
%en or .gpkg .shp .geojson .parquet (centre lines).
%en It should reach about 4 km beyond the study area
source = "roads.osm.pbf"
%zh 改为联网下载某地的道路
%en Instead: download the roads of a place
#place = "Yanjiang, Ziyang, China"
%zh 改为联网下载一个范围：西、南、东、北
%en Instead: download a box: west, south, east, north
#bbox = [104.5, 30.0, 104.8, 30.2]
%zh 图层名
%en Layer of a file that has several
#layer = "roads"
%zh 矢量道路：端点相距不超过此米数则相连
%en GIS lines: ends this close (metres) are joined
#join_tolerance_m = 0.5
%zh 矢量道路：交叉处没有打断时，在交叉处相连
%en GIS lines: join them also where they only cross
#split_crossings = true
%zh 断头路与另一条路相差不超过此米数则补上，逐处列出；0 为不补
%en Ends that miss another road by at most this much (metres) are joined, each listed
#repair_m = 3
%zh 不可穿越的墙、铁路、河流：osm 取自道路文件，none 不考虑，或写一个线、面文件
%en Walls, railways, rivers that cannot be crossed: "osm" (of the road file), "none", or a file
#barriers = "osm"
%zh 障碍文件的图层名
%en Layer of the file of barriers
#barriers_layer = "walls"
%zh 道路不是 OpenStreetMap 时的来源
%en Source of roads that are not OpenStreetMap's
#attribution = "××区自然资源和规划局"

%zh 人口。不写则以居住用地、建筑或街道长度代替，结果不报人数
%en People. Left out: residential land, buildings or streets stand in, and no people are reported
#[people]
%zh 人口栅格（.tif），或带人口列的点、面、表格；
%zh 有分乡镇总数时还可写 residential（居住区）、buildings（建筑）
%en Raster (.tif), or points, polygons or a table with a people column;
%en with totals also "residential" or "buildings"
#source = "population.tif"
%zh 人口列名，或栅格波段的名称
%en Column of the people, or description of the band
#people = "population"
%zh 栅格数值：count 每格人数，per_km2 每平方公里人数
%en What a raster holds: count (people per cell) or per_km2
#values = "count"
%zh 图层名
%en Layer of a file that has several
#layer = "grid"
%zh 工作表名
%en Sheet of a workbook
#sheet = "人口"
%zh 坐标系：auto wgs84 gcj02 bd09 cgcs2000 或 EPSG:4544 等
%en Coordinates: auto, wgs84, gcj02, bd09, cgcs2000 or "EPSG:4544"
#coordinates = "wgs84"
%zh 列名认错时指定：含义 = 列名
%en Where a heading is taken wrongly: meaning = heading
#columns = { lon = "东经", lat = "北纬" }
%zh 居住地到道路最远多少米
%en Longest leg (metres) between a place and the street
#link_limit_m = 200
%zh 总数分摊的依据：people 人口、area 面积、floor_area 建筑面积、equal 平均
%en How totals are spread: by people, area, floor_area or equal
#weight = "people"

%zh 人群：占人口的比例（0 到 1），或列名、波段名、总数表的列名
%en Groups: a share of the people (0 to 1), or a column or band, or a column of the totals
#[people.groups]
%zh 60 岁及以上占 28.19%
%en 28.19 percent are 60 and over
#age_60_plus = 0.2819
%zh “0-3岁”列
%en The column of this name
#age_0_3 = "0-3岁"

%zh 分乡镇（街道）或社区的人口总数，分摊到 [people] 的位置上，各单位总数不变
%en Totals by town or community, spread over the places of [people]; each total is kept
#[people.totals]
%zh 总数表
%en Table of totals
#source = "<people_book>"
%zh 工作表名
%en Sheet of the workbook
#sheet = "<people_sheet>"
%zh 列名认错时指定
%en Where a heading is taken wrongly
#columns = { people = "常住人口" }
%zh 各单位的面；不写则用 [towns]
%en Polygons of the units; left out: those of [towns]
#areas = "乡镇界.gpkg"
%zh 图层名
%en Layer of a file that has several
#areas_layer = "towns"
%zh 面的坐标偏移；默认 wgs84
%en Shifted coordinates of the polygons; default wgs84
#areas_coordinates = "gcj02"
%zh 表中把功能区写作区县时：功能区 = 所属区县
%en Where the table names a functional zone as the county: zone = county
#zones = { "××新区" = "××区" }

%zh 地形：坡度影响步行时间；不写则按平地计算
%en Terrain: slopes change walking times; left out: everything is flat
#[terrain]
%zh 高程栅格（.tif）
%en Elevation raster (.tif)
#source = "dem.tif"
%zh 坡度与步速的关系：tobler、irmischer_clarke、none
%en How slope changes speed: tobler, irmischer_clarke or none
#rule = "tobler"

%zh 居住区：逐个判断可达、部分可达、不可达
%en Residential areas, each judged as covered, partly covered or uncovered
#[residential]
%zh 面文件；或 "osm"，取道路文件中的居住用地和小区
%en Polygons, or "osm" for the residential land of the road file
#source = "居住区.gpkg"
%zh 图层名
%en Layer of a file that has several
#layer = "residential"
%zh 名称列
%en Column of the names
#name = "小区名称"
%zh 坐标偏移：gcj02 或 bd09；默认 wgs84
%en Shifted coordinates: gcj02 or bd09; default wgs84
#coordinates = "gcj02"
%zh 按区内位置（positions）还是按区内人口（people）判断
%en Judged by the positions or by the people inside
#by = "positions"
%zh 小区出入口（点），从出入口算起
%en Gates of the areas (points); walks begin there
#entrances = "小区出入口.csv"
%zh 出入口的坐标系；不写则与居住区相同
%en Coordinates of the gates; left out: those of the areas
#entrances_coordinates = "auto"

%zh 行政区界线和名称，只用于显示
%en Lines and names drawn for orientation
#[districts]
%zh 面文件
%en Polygons
#source = "区县界.gpkg"
%zh 图层名
%en Layer of a file that has several
#layer = "districts"
%zh 名称列
%en Column of the names
#name = "名称"
%zh 坐标偏移；默认 wgs84
%en Shifted coordinates; default wgs84
#coordinates = "gcj02"

%zh 乡镇（街道）的面：分摊人口总数，安放没有坐标的设施
%en Polygons of towns, to spread totals and to place facilities without coordinates
#[towns]
%zh 面文件
%en Polygons
#source = "乡镇界.gpkg"
%zh 图层名
%en Layer of a file that has several
#layer = "towns"
%zh 乡镇名称列
%en Column of the town's name
#name = "乡镇"
%zh 区县名称列
%en Column of the county's name
#county = "区县"
%zh 坐标偏移；默认 wgs84
%en Shifted coordinates; default wgs84
#coordinates = "gcj02"
%zh 表中把功能区写作区县时：功能区 = 所属区县
%en Where tables name a functional zone as the county: zone = county
#zones = { "××新区" = "××区" }
"""

IN_ENGLISH = {
    "研究范围": "area", "乡镇界": "towns", "区县界": "counties", "居住区": "estates",
    "小区出入口": "gates", "出入口": "gates", "小区名称": "estate", "名称": "name", "乡镇": "town",
    "区县": "county", "××新区": "New Zone", "××区": "Old County", "机构全称": "full name",
    "常住人口": "residents", "东经": "east", "北纬": "north", "0-3岁": "age 0-3", "人口": "people",
    "封闭": "closed", "新增": "opened", "规划设施": "planned", "规划": "plan", "方案一": "Plan A",
    "××区民政局": "name of the office", "××区自然资源和规划局": "name of the office",
    "底图来源": "source of the base map", "城区": "urban", "社区": "communities",
    "户数": "households", "其他机构": "others",
    "闲置房屋": "idle buildings", "改造费用": "conversion cost", "某某养老院": "name of a home",
    "托育机构": "nursery", "小": "small",
}  # fmt: skip
"""Names in the examples of a study that is written in English."""


def study_text(language: str, words: dict[str, str], services: list[dict[str, str]]) -> str:
    """A study file with every key; `words` and `services` fill its names."""
    parts = [_filled(PARTS + ANSWERS, language, words)]
    for k, service in enumerate(services):
        # what is explained once is not explained again
        text = SERVICE + OPTIONS.lstrip() if k == 0 else re.sub(r"(?m)^%.*\n", "", SERVICE)
        parts.append(_filled(text, language, {**words, **service}))
    return "\n".join(parts)


def _filled(text: str, language: str, words: dict[str, str]) -> str:
    """The lines of a language; in both, Chinese first."""
    lines = []
    for line in text.strip().split("\n"):
        if line.startswith("%"):
            tongue, told = line[1:3], line[4:]
            if language in {tongue, "both"}:
                lines.append(f"# {told}")
            continue
        plain = line
        if language == "en":
            for zh in sorted(IN_ENGLISH, key=len, reverse=True):
                plain = plain.replace(zh, IN_ENGLISH[zh])
        lines.append(re.sub(r"<(\w+)>", lambda at: words.get(at[1], f"{{{at[1]}}}"), plain))
    return "\n".join(lines) + "\n"
