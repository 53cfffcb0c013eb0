"""What the study file of a new study says of services and scenarios."""

from __future__ import annotations

SERVICE = """
%zh 服务圈，每个服务一段 [[service]]，可以增减
%en One [[service]] for each service; as many as wanted
[[service]]
%zh 服务名称
%en Name of the service
name = "<service>"
%zh 设施表：.xlsx、.csv，或 .gpkg .shp .geojson；也可写 OpenStreetMap 文件并用 tags 选取
%en Facilities: .xlsx, .csv, or .gpkg .shp .geojson; or an OpenStreetMap file with tags
facilities = "<book>"
%zh 工作表名
%en Sheet of the workbook
sheet = "<sheet>"
%zh 只计入这些状态，其余画为规划
%en Only these serve; others are drawn as planned
status = ["<existing>"]
%zh 坐标系：auto 由道路判断；知道时写 wgs84（GPS、OSM）、gcj02（高德、腾讯）、
%zh bd09（百度）、cgcs2000、EPSG:4544 等
%en Coordinates: "auto" asks the roads; where known: wgs84 (GPS, OSM),
%en gcj02 (Amap, Tencent), bd09 (Baidu), cgcs2000, "EPSG:4544" ...
coordinates = "auto"
%zh 步行者，见 quarterhour walkers
%en Who walks, see quarterhour walkers
walker = "<walker>"
%zh 分钟；最后一个为准
%en Minutes; the last is the one that counts
cutoffs_min = [5, 10, 15]
%zh 服务的人群，须在 [people.groups] 中；不写为全部人口
%en The group that it is for, of [people.groups]; left out: everyone
#group = "<group>"
"""

OPTIONS = """
%zh 只计入这些类型
%en Only these in the column of kinds
#kinds = ["<kind>"]
%zh 图层名
%en Layer of a file that has several
#layer = "facilities"
%zh 列名认错时指定：含义 = 列名
%en Where a heading is taken wrongly: meaning = heading
#columns = { name = "机构全称" }
%zh 从 OpenStreetMap 文件按标签选取设施
%en Facilities of an OpenStreetMap file by tag
#tags = ["<tag>"]
%zh 设施出入口（点），取最近的一个
%en Gates of the facilities (points); the best one counts
#entrances = "出入口.csv"
%zh 出入口的工作表名
%en Sheet of the gates
#entrances_sheet = "出入口"
%zh 出入口的坐标系；不写则与设施相同
%en Coordinates of the gates; left out: those of the facilities
#entrances_coordinates = "auto"
%zh 重复设施：keep 只列出，merge 合并
%en Duplicates: keep (only listed) or merge
#duplicates = "keep"
%zh 没有坐标的设施放在所在乡镇，并注明为约略位置；需要 [towns]
%en Facilities without coordinates stand in their town, marked as approximate; needs [towns]
#place_by_town = true
%zh 方向：to 从住处走到设施（默认），from 从设施走到住处
%en Direction: to the facility (default) or from it
#direction = "to"
%zh 进门以后另需的分钟数，计入时限
%en Minutes behind the door, counted within the cutoff
#inside_min = 2
%zh 另定步速（米/秒）
%en Another walking speed
#speed_mps = 1.0
%zh 台阶：走台阶的时间是平路的几倍
%en Steps: how many times as long as level ground
#steps_factor = 2.0
%zh 台阶：每段另加的秒数
%en Steps: seconds more for each flight
#steps_penalty_s = 10
%zh 过信号灯平均等候秒数；路口信号灯标注完整时再用，默认 0
%en Signals: mean seconds of waiting, where the map has them all; default 0
#signal_s = 20
%zh 过无信号灯的主干路平均等候秒数，默认 0
%en Crossings of major roads without signals: mean seconds of waiting; default 0
#crossing_s = 10
%zh 等候和乘坐电梯的秒数，默认 0
%en Lifts: seconds of waiting and riding; default 0
#lift_s = 30
%zh 设施到道路最远多少米
%en Longest leg (metres) between a facility and the street
#link_limit_m = 100
%zh 农村地区（[urban] 之外）的分钟
%en Minutes in the country (outside [urban])
#rural_cutoff_min = 30
%zh 供给：床位 beds 或托位 places 列
%en Supply: the column of beds or of places
#supply = "beds"
%zh 人群中需要此服务的比例，默认 1
%en Share of the group that needs the service, default 1
#need_share = 0.3
%zh 本服务的最远搜索分钟
%en How far this service is searched, minutes
#limit_min = 60

%zh 方案：封闭或新增道路、增加设施、指定年份，与现状比较；可写多个
%en Scenarios, compared with today: streets closed or opened, facilities added, a year
#[[scenario]]
%zh 方案名称
%en Name of the scenario
#name = "方案一"
%zh 封闭的道路：点、线、面，或点的表格；沿道路画的线封闭该路，横穿的线只截断所穿过的路，
%zh 面内的路全部封闭
%en Closed streets: points, lines, polygons, or a table of points; a line along a street
%en closes it, a line across cuts what it crosses, a polygon closes all inside
#close = "封闭.gpkg"
%zh 封闭文件的图层名
%en Layer of that file
#close_layer = "closed"
%zh 新增步行道（线）；“类型”列可写天桥、台阶、地道、电梯
%en New streets (lines); a column kind may say bridge, steps, tunnel or lift
#open = "新增.gpkg"
%zh 新增文件的图层名
%en Layer of that file
#open_layer = "opened"
%zh 与道路相距不超过此米数即视为在路上
%en How near (metres) to a street is on it
#tolerance_m = 5
%zh 新增线与所穿过的道路相通
%en New streets also meet the streets that they cross
#split_crossings = true
%zh 设施加入哪个服务
%en The service that the facilities join
#service = "<service>"
%zh 新增的设施表
%en Table of further facilities
#facilities = "规划设施.xlsx"
%zh 地图“试一试”导出的文件：新增、关闭、迁移的设施，封闭与新增的道路
%en The file that the map's "What if" writes: facilities and streets added, moved, closed
#pins = "quarterhour-what-if.geojson"
%zh 工作表名
%en Sheet of the workbook
#sheet = "规划"
%zh 列名；不写则沿用该服务的 columns 中此表也有的列
%en Headings; without them those of the service's columns that this table has
#columns = { name = "机构名称" }
%zh 新增设施表的坐标系；不写则与该服务相同
%en Coordinates of this table; left out: those of the service
#facilities_coordinates = "auto"
%zh 以此表代替原来的设施表
%en This table instead of the study's own
#replace = true
%zh 年份：只计到此年已开业的设施
%en Year: only facilities that are open by then serve
#year = 2030
%zh 封闭、新增道路文件的坐标系
%en Coordinates of the closed and new streets
#coordinates = "wgs84"
"""
"""Keys that are explained once, with the first service."""
