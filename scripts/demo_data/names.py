"""Invented Chinese names; none of them is meant to be a real place."""

from __future__ import annotations

_STREETS = """
文庙 学宫 城隍 书院 北门 水井 盐市 米市 布市 油坊 染坊 铁匠 竹器 皮匠 磨子 桂花 黄葛 石榴 银杏
梅子 春和 锦云 兰溪 凤鸣 翠屏 安居 永兴 太平 福寿 长宁 清泉 明月 朝阳 东升 和顺 义和 仁爱 礼贤
智远 信义 鹤鸣 龙池 虎跃 鹿鸣 莲花 荷塘 竹溪 松涛 柏林 枫林 桃源 李园 杏林 梨花 橘香 茶园 桑树
棉花 麦田 稻香 丰收 建设 团结 胜利 和平 友谊 幸福 光明 前进 劳动 青年 文化 体育 卫生 科技 创业
兴业 振兴 富民 惠民 金沙 银滩 玉带 珍珠 琥珀 翡翠 碧波 清波 听涛 观澜 揽月 望岳 临江 沿江 渡口
码头 船厂 锚地 渔港 江畔 东塔 西塔 南塔 北塔 钟楼 鼓楼 魁星 奎阁 文昌 武侯 三元 五福 六合 七星
八卦 九曲 十全 百花 千禧 万寿 康宁 康乐 康泰 泰和 泰安 景明 景星 瑞云 瑞雪 瑞丰 嘉禾 嘉陵 嘉年
宏图 宏达 鸿运 鸿雁 雁栖 鹭岛 白鹤
"""

_ESTATES = """
锦绣江山 滨江名苑 翡翠湾 云锦华庭 江南春晓 碧水云天 金科花园 阳光新城 岚江一号 东方明珠 山水人家
桂花苑 香樟林 紫荆花园 御景天城 凯旋国际 学府佳苑 书香门第 湖畔春天 幸福里 康居苑 安顺家园
和谐家园 锦江丽景 望江花园 水岸新都 鹭岛花园 天怡美庭 瑞景名城 丰泽园 嘉和苑 龙腾华府 凤凰城
海棠湾 玫瑰园 翰林院子 文景苑 北城映象 南城故事 新都汇 时代广场 中央公园里 青年公寓 人才公寓
惠民小区 安置一区 安置二区 安置三区 职工新村 纺织新村 建设新村 电力小区 教师新村 税务小区
交通小区 粮食小区 供销小区 江畔雅居 临江苑 观澜苑 听涛苑 沁园 怡园 颐园 竹园 梅园 兰园 菊园 松园
柏园 榕园 枫园 橙园 橘园 桃李园 春晖园 夏荷园 秋月园 冬青园 晨曦园 晚晴园 彩虹城 水云间 山语城
林语堂苑 花语墅 星河湾 月亮湾 太阳城 万和城 千和城 百合苑 十里桃花 九里堤苑 八角庭 七彩苑 六合苑
五福苑 四季花城 三江汇 双塔苑 一品江山
"""

_VILLAGES = """
石板 大湾 罗家沟 杨柳坝 青杠 黄桷 新房子 老房子 王家湾 李家坝 张家沟 陈家岩 周家坪 吴家梁 赵家山
高石坎 双石 三块石 五里 七里 观音岩 土地岭 天池 龙洞 凉水井 大堰 小堰 油房沟 瓦窑 砖房 碾子湾
磨盘 梨树 桃树 柑子园 茶坪 竹林 松林 柏树 枫香 水口 河口 河嘴 沙坝 石河 白岩 红岩 青岩 马鞍 牛角
羊山 凤坪 龙坪 鹤山 燕山 雀岭 金竹 银坪 铜鼓 铁厂 合作 团山 尖山 圆坝 长坡 短沟 高坪 低坝
"""

_ROAD_WORD = {
    "primary": "大道", "secondary": "路", "tertiary": "路", "residential": "街",
    "living_street": "巷", "pedestrian": "步行街", "footway": "巷", "service": "巷", "steps": "梯",
}  # fmt: skip


class Names:
    """Hands out names, each once; when a list runs dry, numbered ones follow."""

    _NUMBERS = "二三四五六七八九"

    def __init__(self) -> None:
        """Start at the top of every list."""
        self._used: dict[str, int] = {}

    def _next(self, text: str, kind: str) -> tuple[str, str]:
        words = text.split()
        k = self._used.get(kind, 0)
        self._used[kind] = k + 1
        turn = k // len(words)
        return words[k % len(words)], "" if turn == 0 else self._NUMBERS[turn - 1]

    def street(self, highway: str) -> str:
        """Return a street name that fits the class."""
        word, number = self._next(_STREETS, _ROAD_WORD[highway])
        return word + number + _ROAD_WORD[highway]

    def estate(self) -> str:
        """Return the name of a housing estate."""
        word, number = self._next(_ESTATES, "estate")
        return word + (number and number + "期")

    def village(self) -> str:
        """Return the name of a village."""
        word, number = self._next(_VILLAGES, "village")
        return word + number + "村"

    def quarter(self) -> str:
        """Return the name of an old neighbourhood."""
        # From the other end of the list, so that quarters and big streets differ in name.
        backwards = " ".join(reversed(_STREETS.split()))
        word, number = self._next(backwards, "quarter")
        return word + number + "街坊"
