"""What the study file of a new study says of units, gaps, supply and the targets of city plans."""

from __future__ import annotations

ANSWERS = """
%zh 城区范围：之外为农村，按 rural_cutoff_min 计算；不写则全部按城区
%en What is urban: the rest is rural and has its rural_cutoff_min; left out: all is urban
#[urban]
%zh 面文件
%en Polygons
#source = "城区.gpkg"
%zh 图层名
%en Layer of a file that has several
#layer = "urban"
%zh 坐标偏移；默认 wgs84
%en Shifted coordinates; default wgs84
#coordinates = "gcj02"

%zh 统计单元，每层一段 [[units]]：社区、村、新建居住区等；乡镇和区县取自 [towns]
%en Units that results are counted by, one [[units]] each; towns and counties come from [towns]
#[[units]]
%zh 层级：community、village、new_residential、old_residential、future_community、hospital、
%zh public_place 等
%en Level: community, village, new_residential, old_residential, future_community, hospital,
%en public_place ...
#level = "community"
%zh 面、点，或表格（可没有坐标）
%en Polygons, points, or a table (also one without coordinates)
#source = "社区.gpkg"
%zh 图层名
%en Layer of a file that has several
#layer = "communities"
%zh 工作表名
%en Sheet of a workbook
#sheet = "社区"
%zh 名称列
%en Column of the names
#name = "名称"
%zh 列名认错时指定：含义 = 列名
%en Where a heading is taken wrongly: meaning = heading
#columns = { households = "户数" }
%zh 坐标系
%en Coordinates
#coordinates = "wgs84"

%zh 空白区：未覆盖的人口按步行路网聚成的片区
%en Gaps: uncovered people clustered along the network
#[gaps]
%zh 相距不超过此米数（沿路网）的归为一片
%en Places this close (metres along the network) are one gap
#join_m = 300
%zh 不跨乡镇（街道）
%en Never across the border of a town
#by_town = true

%zh 供需
%en Supply and demand
#[supply]
%zh 随时间衰减：none、steps、gaussian、linear
%en Decay with time: none, steps, gaussian or linear
#decay = "none"
%zh 居家、社区、机构养老的比例，合计为 1
%en Shares of care at home, in the community and in institutions; they add up to 1
#home_share = 0.90
%zh 社区养老
%en In the community
#community_share = 0.07
%zh 机构养老
%en In institutions
#institution_share = 0.03
%zh 希望入托的比例
%en Share of small children whose families wish a nursery place
#nursery_wish = 0.30

%zh 对照规划指标
%en Targets of city plans
#[targets]
%zh 规划：ziyang、anon_city、dazhou_draft、hechuan、yinzhou、national，或自写的 .toml
%en Plans: ziyang, anon_city, dazhou_draft, hechuan, yinzhou, national, or a .toml of your own
#plans = ["national"]
%zh “基本建成”等没有数值的目标，达到多少百分比算完成
%en Targets without a number, such as "basically built": met from this percentage on
#threshold_percent = 80
%zh 个别指标另定
%en Other thresholds for single indicators
#thresholds = { "Z-02" = 85 }
%zh 按哪一年的目标检查；不写则为最后一年
%en Year whose targets count; left out: the last
#year = 2025
%zh 只用于统计的其他设施表，可没有坐标
%en Further tables of facilities that are only counted, also without coordinates
#facilities = ["其他机构.xlsx"]
%zh 官方人口数，代替上面人口数据的合计
%en Official numbers of people instead of the sums of the data above
#people = { all = 2308600 }

%zh 选址：下一处设施建在哪里（quarterhour site）
%en Where the next facilities go (quarterhour site)
#[site]
%zh 哪个服务；只有一个服务时可不写；几个服务共用数量或预算时写成 ["养老", "托育"]
%en Which service; may be left out where there is one; several in [ ] share a number or a budget
#service = "<service>"
%zh 几个服务时：sum 合计人次最多，fair 先照顾覆盖率最低的服务
%en Several services: sum (most people in all), fair (the one that is worst off first)
#aim_of_services = "fair"
%zh 几个服务时：该服务的一人按几人计
%en Several services: how many people one person of a service counts for
#service_weights = { "<service>" = 2 }
%zh 问题：most_people 覆盖人数最多，everyone 用最少的点覆盖，median 总路程最短，
%zh center 最远者最近，backup 重复覆盖，targets 使规划指标达标，close 关闭，move 迁移
%en Question: most_people, everyone (fewest sites), median (shortest walks), center (longest walk
%en as short as possible), backup, targets (fewest that make a plan's targets pass), close, move
#problem = "most_people"
%zh 新建几处
%en Number of sites
#n_sites = 3
%zh 预算，万元
%en Budget, in 10 000 yuan
#budget = 800
%zh everyone：覆盖到的人口比例
%en everyone: share of the people that must be covered
#share = 0.9
%zh everyone：每个乡镇至少的比例
%en everyone: least share in every town
#share_each_town = 0.6
%zh 候选点：闲置房屋等的表格或图层，或 "network"（沿街生成）、"places"（每个居住点）
%en Candidates: a table or layer of idle buildings, or "network" (along the streets), "places"
#candidates = "闲置房屋.xlsx"
%zh 工作表名
%en Sheet of a workbook
#sheet = "闲置房屋"
%zh 图层名
%en Layer of a file that has several
#layer = "idle"
%zh 列名认错时指定：含义 = 列名
%en Where a heading is taken wrongly: meaning = heading
#columns = { cost = "改造费用" }
%zh 坐标系
%en Coordinates
#coordinates = "auto"
%zh 沿街生成的候选点的间距，米
%en Spacing of candidates along the streets, metres
#spacing_m = 50
%zh 两处之间至少多少米
%en Least distance between two sites, metres
#apart_m = 500
%zh 没有费用列时每处的费用，万元
%en Cost of a site where the table has none, in 10 000 yuan
#cost = 80
%zh 求解最多多少秒；到时给出目前最好的解和差距
%en Longest time, seconds; then the best found is given with its gap
#seconds = 60
%zh 或限制节点数，结果可重复
%en Or a limit of nodes, which repeats exactly
#nodes = 1000
%zh 预算（或数目）与覆盖的曲线
%en The curve of budgets (or numbers of sites) and what they cover
#curve = true
%zh 分年建设：年份 = 处数
%en Sites by year
#phases = { "2026" = 2, "2027" = 1 }
%zh 按床位、托位的容量计算
%en Count the room of each site
#capacity = true
%zh 人群中需要此服务的比例
%en Share of the group that needs the service
#need_share = 0.3
%zh 新建设施的类型，用于规划指标
%en Kind of the new facilities, for targets
#kind = "托育机构"
%zh 不可关闭的设施
%en Facilities that must not close
#keep = ["某某养老院"]

%zh 规模可选时，每种规模一段
%en Sizes to choose from, one section each
#[[site.size]]
%zh 名称
%en Name
#name = "小"
%zh 床位或托位
%en Beds or places
#capacity = 30
%zh 费用，万元
%en Cost, in 10 000 yuan
#cost = 50
"""
