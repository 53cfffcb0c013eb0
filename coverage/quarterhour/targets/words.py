"""What plans name by a key, in Chinese and English: levels of units, columns, rules."""

from __future__ import annotations

from quarterhour.inputs import Note

LEVELS: dict[str, Note] = {
    "county": Note("区县", "counties"),
    "town": Note("镇（街道）", "towns"),
    "community": Note("社区", "communities"),
    "village": Note("村", "villages"),
    "residential": Note("居住区", "residential areas"),
    "new_residential": Note("新建居住区", "new residential areas"),
    "old_residential": Note("已建成居住区", "existing residential areas"),
}
"""Levels that every plan may name; a plan says others with `levels` under [plan]."""

COLUMNS: dict[str, Note] = {
    "beds": Note("床位", "beds"),
    "nursing_beds": Note("护理型床位", "nursing beds"),
    "family_beds": Note("家庭养老床位", "beds at home"),
    "dementia_beds": Note("认知障碍床位", "dementia beds"),
    "rehab_beds": Note("医疗康复护理床位", "rehabilitation beds"),
    "places": Note("托位", "places"),
    "inclusive_places": Note("普惠性托位", "inclusive places"),
    "inclusive": Note("普惠", "inclusive"),
    "open_year": Note("建成年份", "year of opening"),
    "floor_area_m2": Note("建筑面积（平方米）", "floor area (m2)"),
    "site_area_m2": Note("用地面积（平方米）", "site area (m2)"),
    "star": Note("星级", "star rating"),
    "registration": Note("备案", "registration"),
    "operator_type": Note("运营性质", "kind of operator"),
    "comprehensive": Note("综合服务功能", "comprehensive functions"),
    "medical": Note("医养结合", "medical care"),
    "clinic": Note("内设医疗机构", "clinic inside"),
    "smart": Note("智慧养老", "smart care"),
    "meals": Note("助餐", "meals"),
    "enrolment": Note("在托（在园、入住）人数", "enrolment"),
    "households": Note("户数", "households"),
    "dwellings": Note("住宅套数", "dwellings"),
    "people": Note("人口", "people"),
    "demonstration": Note("示范", "demonstration"),
    "age_friendly": Note("老年友好", "age-friendly"),
    "geriatric": Note("老年医学科", "geriatric department"),
    "compliant": Note("达标", "up to standard"),
    "nursery_class": Note("托班", "nursery class"),
    "scene": Note("服务场景", "service scene"),
    "chain": Note("连锁", "chain"),
    "nursing_room": Note("母婴室", "nursing room"),
    "county_run": Note("县级直管", "run by the county"),
    "eligible": Note("有条件", "eligible"),
    "visitors": Note("客流量", "visitors"),
    "hospital_level": Note("医院等级", "level of the hospital"),
    "kind": Note("类型", "kind"),
    "urban": Note("城区", "urban"),
    "town": Note("镇街", "town"),
    "county": Note("区县", "county"),
    "community": Note("社区", "community"),
}
"""Columns by meaning; the other ones go by the heading that the study knows for them, or their
key."""

VALUES: dict[str, Note] = {
    "street": Note("街道", "subdistrict"),
    "town": Note("镇", "town"),
    "township": Note("乡", "township"),
}
"""Values of columns that are keys of the product, not words of a table."""

RULES: dict[str, Note] = {
    "presence": Note("每个单元都有设施", "every unit has a facility"),
    "share_of_units": Note("单元的比例", "share of units"),
    "share_in_reach": Note("步行可达人口的比例", "share of people in reach"),
    "total": Note("总数", "total"),
    "ratio": Note("人均（每千人等）", "ratio"),
    "share_of": Note("占比", "share"),
    "size_rule": Note("规模要求", "size rule"),
}

RESULTS: dict[str, Note] = {
    "pass": Note("达标", "pass"),
    "fail": Note("未达标", "fail"),
    "unknown": Note("无法判断", "unknown"),
}

NOT_COMPUTED = Note("不由地图计算", "not of geography")
"""The result of an indicator of class X, which counts as unknown."""

STATUS: dict[str, Note] = {
    "in_force": Note("现行", "in force"),
    "draft": Note("征求意见稿", "draft for comment"),
    "copy": Note("转载文本", "copy"),
    "national": Note("国家标准", "national"),
}

DOMAINS: dict[str, Note] = {
    "elderly": Note("养老", "elderly care"),
    "childcare": Note("托育", "childcare"),
    "both": Note("一老一小", "elderly care and childcare"),
    "other": Note("其他", "other"),
}


def column(key: str) -> Note:
    """A column in Chinese and English; its key where it has no words."""
    return COLUMNS.get(key, Note(key, key.replace("_", " ")))


def listed(notes: list[Note]) -> Note:
    """Several things in one text."""
    return Note("、".join(n.zh for n in notes), ", ".join(n.en for n in notes))


SHARES = frozenset({"presence", "share_of_units", "share_in_reach", "share_of", "size_rule"})
"""Rules whose value is a percentage."""
