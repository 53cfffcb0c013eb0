// Words and numbers as elements. Data enters the page only through textContent.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  let words = {}, language = "zh", unit = "people", counted = "people", per = 1;

  function el(tag, className, children) {
    const out = document.createElement(tag);
    if (className) out.className = className;
    for (const child of [].concat(children === undefined ? [] : children)) {
      if (child === null || child === "") continue;
      out.appendChild(typeof child === "object" ? child : document.createTextNode(String(child)));
    }
    return out;
  }

  // Makes the children of `host` like those of `fresh`, and changes only what is otherwise: a browser
  // lays out anew what was replaced. For parts that nothing listens to.
  function renew(host, fresh) {
    const now = Array.from(host.childNodes);
    Array.from(fresh.childNodes).forEach((child, i) => {
      if (i >= now.length) host.appendChild(child);
      else if (now[i].nodeName !== child.nodeName) host.replaceChild(child, now[i]);
      else if (child.nodeType === Node.TEXT_NODE) {
        if (now[i].data !== child.data) now[i].data = child.data;
      } else {
        for (const { name } of Array.from(now[i].attributes)) {
          if (!child.hasAttribute(name)) now[i].removeAttribute(name);
        }
        for (const { name, value } of Array.from(child.attributes)) {
          if (now[i].getAttribute(name) !== value) now[i].setAttribute(name, value);
        }
        renew(now[i], child);
      }
    });
    for (const old of now.slice(fresh.childNodes.length)) old.remove();
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

  // Texts of attributes and choices, which hold no markup, to their two languages.
  const known = new Map();

  function told(zh, en, now) {
    if (now === "both") return zh === en ? zh : zh + " " + en;
    return now === "en" ? en : zh;
  }

  // For an attribute: one line, in the language now chosen.
  function line(zh, en) {
    if (language !== "both") return told(zh, en, language);
    for (const now of ["both", "zh", "en"]) {
      const text = told(zh, en, now);
      if (!known.has(text)) known.set(text, [zh, en]);
    }
    return told(zh, en, document.documentElement.dataset.language);
  }

  // After another language was chosen: what `line` and `plain` said is said again in that one.
  function retell(root) {
    const now = document.documentElement.dataset.language;
    // the longest known pieces of a list: a text may have a comma of its own
    const again = (text) => {
      const parts = text.split(/(, | · )/);
      let out = "", at = 0;
      while (at < parts.length) {
        let to = parts.length;
        while (to > at + 1 && !known.has(parts.slice(at, to).join(""))) to -= 1;
        const piece = parts.slice(at, to).join("");
        out += known.has(piece) ? told(...known.get(piece), now) : piece;
        at = to;
      }
      return out;
    };
    for (const name of ["title", "aria-label", "placeholder"]) {
      root.querySelectorAll("[" + name + "]").forEach((element) => {
        const old = element.getAttribute(name), text = again(old);
        if (text !== old) element.setAttribute(name, text);
      });
    }
    root.querySelectorAll("option").forEach((option) => {
      const own = option.dataset; // written by the page in each language
      if (own.zh && !own.both) own.both = option.textContent;
      const text = own.zh ? own[now] : again(option.textContent);
      if (text !== option.textContent) option.textContent = text;
    });
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

  // Amounts of demand are told in one unit on the whole page, such as kilometres of street.
  const quantity = (value) => amount(value / per);

  // With its unit; a part of a kilometre is told in metres.
  function measured(value) {
    const small = per > 1 && value < per;
    return el("span", "", [small ? amount(value) : quantity(value), " ", word(small ? counted : unit)]);
  }

  QH.text = {
    init(sent, lang, data) {
      words = sent;
      language = lang;
      if (data) {
        counted = data.unit;
        [unit, per] = data.told_in;
      }
      for (const key of Object.keys(sent)) line(sent[key][0], sent[key][1]); // the page has some
    },
    el, renew, pair, word, after, line, plain, retell, shown, amount, quantity, measured,
    unit: () => unit,
    count: (value) => grouped(value, 0),
    whole: (value) => (per > 1 ? quantity(value) : grouped(value, 0)),
    minutes: (value) => grouped(value, 1),
    percent: (value) => grouped(100 * value, 1) + "%",
  };
})();
