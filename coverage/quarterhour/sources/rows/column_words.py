"""The words of headings, Chinese and English: names of each meaning, and their decoration."""

from __future__ import annotations

SYNONYMS: dict[str, tuple[str, ...]] = {
    "name": (
        "name", "名称", "设施名称", "机构名称", "项目名称", "单位名称", "站点名称", "小区名称",
        "全称", "养老机构名称", "托育机构名称", "点位名称", "名字", "候选点名称", "房屋名称",
        "资产名称", "房产名称", "楼宇名称", "地块名称", "建筑名称", "场所名称",
    ),
    "kind": (
        "kind", "类型", "类别", "设施类型", "设施类别", "机构类型", "amenity", "type", "category",
        "机构类别", "服务类型", "种类", "设施种类", "分类",
    ),
    "status": (
        "status", "状态", "现状/规划", "建设状态", "现状规划", "运营状态", "营业状态",
    ),
    "id": (
        "id", "编号", "序号id", "设施编号", "机构编号", "设施编码", "唯一编码", "osmid", "uid",
    ),
    "lon": (
        "lon", "lng", "long", "longitude", "经度", "东经", "x", "经", "lontitude",
    ),
    "lat": (
        "lat", "latitude", "纬度", "北纬", "y", "纬",
    ),
    "east": (
        "x", "east", "easting", "横坐标", "东坐标", "x坐标", "坐标x", "coordx", "xcoord",
    ),
    "north": (
        "y", "north", "northing", "纵坐标", "北坐标", "y坐标", "坐标y", "coordy", "ycoord",
    ),
    "position": (
        "坐标", "经纬度", "coordinates", "位置坐标", "经纬度坐标", "纬经度", "地理坐标", "lonlat",
        "lnglat", "latlon", "latlng", "经度纬度", "coordinate", "coords", "gps", "gps坐标", "wkt",
        "geometry", "点位坐标", "坐标点", "lonlats", "空间坐标",
    ),
    "address": (
        "address", "地址", "详细地址", "addr", "地点", "住所", "机构地址", "设施地址", "建设地点",
        "注册地址", "服务地址", "位置", "具体位置", "坐落",
    ),
    "town": (
        "town", "街道", "乡镇", "街道/乡镇", "乡镇/街道", "镇街", "街镇", "乡镇街道", "township",
        "街道乡镇", "镇", "镇乡街道", "乡镇办", "subdistrict",
    ),
    "county": (
        "county", "区县", "县", "区", "县区", "区市县", "县市区", "district", "行政区", "区划",
    ),
    "city": (
        "city", "市", "地市", "城市", "市州",
    ),
    "community": (
        "community", "社区", "村", "村社区", "社区/村", "村居", "居委会", "村/社区", "village",
    ),
    "beds": (
        "beds", "床位", "床位数", "养老床位", "bednum", "床位总数", "总床位",
    ),
    "nursing_beds": (
        "nursingbeds", "护理型床位", "护理床位", "护理型养老床位", "nursingbe", "nursingbed",
        "护理型", "护理型床",
    ),
    "family_beds": (
        "familybeds", "家庭养老床位", "家庭床位", "家庭照护床位",
    ),
    "dementia_beds": (
        "dementiabeds", "失智床位", "认知障碍床位", "失智老人床位", "认知症床位", "认知症照护床位",
        "失智照护床位",
    ),
    "rehab_beds": (
        "rehabbeds", "康复床位", "康复护理床位", "医疗床位", "医疗康复护理床位",
        "老年医疗康复护理床位",
    ),
    "places": (
        "places", "托位", "托位数", "托育托位", "学位", "学位数", "可提供托位", "nurseryplaces",
    ),
    "inclusive_places": (
        "inclusiveplaces", "普惠托位", "普惠性托位",
    ),
    "inclusive": (
        "inclusive", "普惠", "普惠性", "是否普惠", "普惠型", "是否普惠性", "普惠性质",
    ),
    "open_year": (
        "openyear", "建成年份", "开业时间", "建成时间", "投用时间", "投入使用时间", "开业年份",
        "成立时间", "建成年月", "运营时间", "建设年份", "建成年代", "建筑年代", "竣工时间",
        "builddate", "year", "openingyear", "yearend", "年份", "投运时间", "开业日期", "成立日期",
        "yearbuilt",
    ),
    "close_year": (
        "closeyear", "关闭年份", "关闭时间", "停业", "停业年份", "停业时间", "停运年份",
        "停用年份", "关停年份", "关停时间", "撤销年份", "拆除年份", "计划关闭年份", "closingyear",
        "closed",
    ),
    "floor_area_m2": (
        "floorarea", "flooraream2", "建筑面积", "房屋面积", "buildingarea", "使用面积", "设施面积",
        "面积",
    ),
    "site_area_m2": (
        "sitearea", "siteaream2", "占地面积", "用地面积", "土地面积", "宗地面积",
    ),
    "cost": (
        "cost", "投资", "总投资", "投资额", "投资金额", "造价", "investment", "investment10kyuan",
        "建设投资", "费用", "建设费用", "估算投资", "资金", "改造费用", "改造投资", "改造成本",
        "投资估算", "估算费用", "建设成本", "工程造价",
    ),
    "star": (
        "star", "starrating", "星级", "等级", "星级评定", "评定等级", "等级评定", "机构等级",
        "rating",
    ),
    "registration": (
        "registration", "registered", "备案", "登记", "备案情况", "是否备案", "登记情况",
        "是否登记", "备案状态", "备案登记", "registrationflag",
    ),
    "operator": (
        "operator", "运营单位", "运营方", "运营机构", "运营主体", "举办单位", "主办单位", "举办者",
        "承办单位", "运营企业", "举办主体", "管理单位",
    ),
    "operator_type": (
        "operatortype", "运营方式", "运营模式", "经营性质", "机构性质", "举办性质", "运营性质",
        "公办民办", "办学性质", "性质", "公建民营", "ownership", "产权性质", "经营方式",
    ),
    "lead": (
        "lead", "责任单位", "牵头单位", "实施单位", "建设单位", "项目业主", "业主单位",
    ),
    "comprehensive": (
        "comprehensive", "综合功能", "综合服务功能", "是否具备综合服务功能", "具备综合服务功能",
    ),
    "medical": (
        "medical", "医养结合", "是否医养结合", "医养结合机构", "医疗服务", "医疗护理",
    ),
    "clinic": (
        "clinic", "医务室", "内设医疗机构", "护理站", "是否内设医疗机构",
    ),
    "smart": (
        "smart", "智慧", "智慧养老", "是否智慧", "智慧化", "智慧养老院", "智慧养老社区", "智慧机构",
        "智慧养老机构",
    ),
    "meals": (
        "meals", "助餐", "助餐服务", "老年食堂", "是否助餐", "供餐",
    ),
    "staff": (
        "staff", "工作人员", "职工", "从业人员", "员工", "护理员", "职工总数",
    ),
    "enrolment": (
        "enrolment", "enrollment", "occupancy", "在托", "在托婴幼儿", "入住", "入住老人", "在住",
        "实际入住", "收住老人", "在园", "在园幼儿", "入托",
    ),
    "households": (
        "households", "户数", "居民户数", "总户数", "住户", "入住户数", "实际入住户数",
    ),
    "dwellings": (
        "dwellings", "住宅套数", "套数", "propnum", "房屋套数", "hseunits",
    ),
    "levels": (
        "levels", "层数", "楼层", "建筑层数", "floors", "buildinglevels",
    ),
    "people": (
        "people", "population", "人口", "常住人口", "总人口", "人口数", "pop", "人数", "户籍人口",
        "居住人口",
    ),
    "demonstration": (
        "demonstration", "示范", "示范性", "是否示范", "示范机构", "示范性机构", "示范性托育机构",
        "model facility", "demonstration facility",
    ),
    "age_friendly": (
        "agefriendly", "老年友好", "老年友好社区", "老年友好型社区", "示范性老年友好型社区",
        "全国示范性老年友好型社区", "age-friendly community",
    ),
    "geriatric": (
        "geriatric", "老年医学科", "老年病科", "设立老年医学科", "设置老年医学科",
        "是否设立老年医学科", "开设老年医学科", "geriatric department",
    ),
    "compliant": (
        "compliant", "达标", "是否达标", "基本规范", "达到基本规范", "服务安全基本规范",
        "安全基本规范", "是否达到基本规范", "标准化", "是否标准化", "meets standard",
    ),
    "nursery_class": (
        "nurseryclass", "托班", "开设托班", "是否开设托班", "设托班", "单独托班", "开设单独托班",
        "nursery classes",
    ),
    "scene": (
        "scene", "场景", "服务场景", "一老一小服务场景", "一老一小场景", "service scene",
    ),
    "chain": (
        "chain", "连锁", "品牌连锁", "连锁机构", "连锁化", "连锁高品质", "连锁经营",
        "chain operator",
    ),
    "nursing_room": (
        "nursingroom", "母婴室", "母婴设施", "有无母婴室", "是否有母婴室", "是否设母婴室",
        "设有母婴室", "baby care room", "baby room",
    ),
    "visitors": (
        "visitors", "人流量", "日人流量", "日均人流量", "客流量", "日客流量", "日均客流量",
        "日均流量", "daily visitors", "visitors per day", "footfall",
    ),
    "county_run": (
        "countyrun", "县级直管", "县直管", "是否县级直管", "县级民政部门直管", "run by the county",
    ),
    "eligible": (
        "eligible", "有条件", "是否有条件", "具备条件", "是否具备条件", "有条件的乡镇",
        "有条件的幼儿园", "应建",
    ),
    "hospital_level": (
        "hospitallevel", "医院等级", "医院级别", "医疗机构级别", "医疗机构等级", "医院等次",
        "hospital grade",
    ),
    "entrances": (
        "entrances", "出入口", "入口", "大门", "entrance", "出入口坐标", "入口坐标", "大门坐标",
    ),
    "source": (
        "source", "数据来源", "来源", "坐标来源", "资料来源",
    ),
}  # fmt: skip
"""What is recognised, best first, written without case, signs and spaces."""

FORMS: dict[str, str] = {
    **dict.fromkeys(
        ("beds", "nursing_beds", "family_beds", "dementia_beds", "rehab_beds", "places",
         "inclusive_places", "staff", "enrolment", "households", "dwellings", "levels", "people",
         "visitors"),
        "number",
    ),
    **dict.fromkeys(("inclusive", "registration", "comprehensive", "medical", "clinic", "smart",
                     "meals", "demonstration", "age_friendly", "geriatric", "compliant",
                     "nursery_class", "scene", "chain", "nursing_room", "county_run", "eligible"),
                    "flag"),
    "floor_area_m2": "area", "site_area_m2": "area", "cost": "money",
    "open_year": "year", "close_year": "year",
    **dict.fromkeys(("lon", "lat", "east", "north", "position"), "coordinate"),
}  # fmt: skip
"""How the cells of a meaning are read: number, flag, area, money, year, coordinate; else text."""

PREFIXES = (
    "设施", "机构", "项目", "单位", "现有", "现状", "总", "核定", "所在", "所属", "详细", "中心点",
    "中心", "百度", "高德", "腾讯", "天地图", "地图", "gps", "实际", "设计", "是否", "其中",
    "养老服务", "可用", "开放", "开设", "建成", "年末", "养老机构", "托育机构", "养老", "托育",
    "备案", "估算", "计划", "全部", "点位", "站点", "小区", "设置", "facility", "total", "numberof",
    "noof", "num", "no", "nof", "the", "point", "center", "centre", "site", "wgs84", "gcj02",
    "bd09", "cgcs2000", "bd", "gcj", "wgs", "主要", "合计",
)  # fmt: skip
SUFFIXES = (
    "数量", "个数", "总数", "总量", "合计", "情况", "信息", "说明", "单位", "数", "总计", "小计",
    "值", "名称", "坐标", "全称", "属性", "规模", "额", "金额", "分布", "单元", "count", "number",
    "num", "total", "value", "coordinate", "coord", "dd", "wgs84", "gcj02", "bd09", "cgcs2000",
    "gcj", "wgs", "bd", "deg", "办事处", "zh", "en", "cn", "vi", "de", "pt", "fr", "fi", "m2",
    "10kyuan",
)  # fmt: skip
"""Ordinary decoration before and behind a synonym that leaves its meaning as it is."""
