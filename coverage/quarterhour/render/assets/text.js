// Words and numbers as elements. Data enters the page only through textContent.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  let words = {}, language = "zh";

  function el(tag, className, children) {
    const out = document.createElement(tag);
    if (className) out.className = className;
    for (const child of [].concat(children === undefined ? [] : children)) {
      if (child === null || child === "") continue;
      out.appendChild(typeof child === "object" ? child : document.createTextNode(String(child)));
    }
    return out;
  }

  function tongue(lang, text) {
    const out = el("span", "", text);
    out.lang = lang;
    return out;
  }

  // A text in the page's language, or in both with Chinese first.
  function pair(zh, en) {
    if (language === "both" && zh === en) return el("span", "", zh);
    const parts = [];
    if (language !== "en") parts.push(tongue("zh-CN", zh));
    if (language === "both") parts.push(" ");
    if (language !== "zh") parts.push(tongue("en", en));
    return el("span", "", parts);
  }

  function word(key) { return pair(words[key][0], words[key][1]); }

  // A word of the table and what it is about, such as 服务到的60岁以上.
  function after(key, zh, en) {
    return pair(words[key][0] + zh, words[key][1] + " " + en);
  }

  // For an attribute: one line, both languages when asked.
  function line(zh, en) {
    if (language === "both") return zh === en ? zh : zh + " " + en;
    return language === "en" ? en : zh;
  }

  function plain(key) { return line(words[key][0], words[key][1]); }

  // For a canvas, which knows no markup: a number with its unit in the language now chosen.
  function shown(key, number) {
    const now = document.documentElement.dataset.language, [zh, en] = words[key];
    if (now === "both") return number + " " + zh + " " + en;
    return number + " " + (now === "en" ? en : zh);
  }

  function grouped(value, digits) {
    const [whole, rest] = value.toFixed(digits).split(".");
    const out = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
    return rest ? out + "." + rest : out;
  }

  // Estimates per place are rarely whole; below ten a decimal still tells something.
  function amount(value) {
    if (value > 0 && value < 0.05) return "<0.1";
    return grouped(value, value < 10 && value % 1 ? 1 : 0);
  }

  QH.text = {
    init(sent, lang) { words = sent; language = lang; },
    el, pair, word, after, line, plain, shown, amount,
    count: (value) => grouped(value, 0),
    minutes: (value) => grouped(value, 1),
    percent: (value) => grouped(100 * value, 1) + "%",
  };
})();
