// The ranked table of a state that is not today's, as the page has it for today; and which one is
// shown. What a reader without a script sees is today's.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const FIRST = 10;

  function row(gaps, k) {
    const T = QH.text, button = T.el("button", "", T.pair(gaps.name[k][0], gaps.name[k][1]));
    button.type = "button";
    button.setAttribute("aria-pressed", "false");
    const [zh, en] = gaps.reasons[gaps.reason[k]];
    const head = T.el("th", "", [button, T.el("small", "", T.pair(zh, en))]);
    head.scope = "row";
    const minutes = gaps.tenths[k] ? T.minutes((gaps.tenths[k] - 1) / 10) : "–";
    const out = T.el("tr", "", [
      T.el("td", "", String(k + 1)), head, T.el("td", "", T.quantity(gaps.people[k])),
      T.el("td", "", minutes),
    ]);
    out.dataset.gap = k;
    return out;
  }

  function heads(app, service) {
    const T = QH.text, unit = T.word(T.unit());
    const who = app.data.unit === "people" ?
      [T.pair(service.group[0], service.group[1]), T.el("small", "", unit)] : [unit];
    return [
      [T.word("gap_rank")], [T.word("gap_name")], who,
      [T.word("to_walk"), T.el("small", "", T.word("minutes"))],
    ].map((parts) => {
      const head = T.el("th", "", parts);
      head.scope = "col";
      return head;
    });
  }

  // As `gap_table` of the page writes it.
  function build(app, service, gaps) {
    const T = QH.text, out = T.el("div", "qh-gaps-then");
    out.appendChild(T.el("p", "qh-two", T.pair(gaps.said[0], gaps.said[1])));
    if (!gaps.n) return out;
    const rows = Array.from({ length: gaps.listed }, (none, k) => row(gaps, k));
    out.appendChild(T.el("table", "qh-gaps", [
      T.el("caption", "", [service.name + " · ", T.word("gap_row")]),
      T.el("thead", "", T.el("tr", "", heads(app, service))), T.el("tbody", "", rows),
    ]));
    if (gaps.listed > FIRST) {
      const more = T.el("button", "qh-all", [
        T.el("span", "", [T.word("gap_all"), " (" + gaps.listed + ")"]),
        T.el("span", "", [T.word("gap_top"), " (" + FIRST + ")"]),
      ]);
      more.type = "button";
      more.dataset.first = FIRST;
      out.appendChild(more);
    }
    if (gaps.rest) out.appendChild(T.el("p", "qh-rest qh-two", T.pair(gaps.rest[0], gaps.rest[1])));
    return out;
  }

  // The heading of the printed list says how many of all it lists.
  function listed(app, head, n) {
    const T = QH.text, total = Number(head.dataset.total);
    const fill = (text) => text.replace("{n}", T.count(n)).replace("{total}", T.count(total));
    head.textContent = "";
    head.appendChild(T.pair(...app.data.words.gaps_first.map(fill)));
  }

  // As the printed sheet has them: the largest.
  function printed(app, service, gaps, state) {
    const T = QH.text, words = app.data.words, n = Math.min(gaps.n, FIRST);
    const out = T.el("div", ""), unit = words[T.unit()], people = T.whole(gaps.all);
    if (!n) return out;
    const more = gaps.total > n ? T.count(gaps.total) : ""; // not of these rows only
    const head = ["gap_rank", "gap_name", T.unit(), "minutes"].map((key) => T.el("th", "", T.word(key)));
    const rows = Array.from({ length: n }, (none, k) => {
      const line = row(gaps, k);
      line.querySelectorAll("button").forEach((it) => it.replaceWith(...it.childNodes, " "));
      return line;
    });
    const cut = T.el("span", "qh-p-cut", [" · ", T.word("gaps_cut")]), first = T.el("span", "qh-p-first");
    cut.hidden = true;
    first.dataset.total = gaps.total;
    listed(app, first, n);
    out.appendChild(T.el("h3", "", [
      T.pair(...state.name), " · ", first,
    ]));
    out.appendChild(T.el("table", "", [T.el("thead", "", T.el("tr", "", head)), T.el("tbody", "", rows)]));
    out.appendChild(T.el("p", "qh-p-total", [
      T.pair((more ? "全部 " + more + " 处" : "") + "合计 " + people + " " + unit[0],
        people + " " + unit[1] + " in all" + (more && " " + more)), cut,
    ]));
    return out;
  }

  // Puts the table of the state that is shown into a service's block; `bind` makes a new one work.
  // Without it the block is that of the printed sheet.
  function show(app, block, gaps, bind) {
    const service = app.service();
    block.style.display = gaps ? "" : "none"; // of a state where nobody looked for any
    if (!block.qhNow) {
      block.qhNow = QH.text.el("div", "qh-gaps-now", Array.from(block.childNodes));
      block.appendChild(block.qhNow);
    }
    const today = !gaps || gaps.said === service.gaps.said;
    const kind = bind ? "table" : "printed";
    if (!today && !gaps[kind]) {
      gaps[kind] = (bind ? build : printed)(app, service, gaps, app.stages.state());
      if (bind) bind(gaps[kind]);
    }
    const wanted = today ? block.qhNow : gaps[kind];
    Array.from(block.children).forEach((part) => { if (part !== wanted) part.remove(); });
    if (wanted.parentNode !== block) block.appendChild(wanted);
  }

  // Whose gaps the table, and its tab, tell of.
  function name(app, section, state, gaps) {
    const T = QH.text;
    let mark = section.querySelector(".qh-gaps-of");
    if (!mark) {
      mark = T.el("p", "qh-gaps-of");
      section.insertBefore(mark, section.firstChild.nextSibling);
    }
    mark.textContent = "";
    mark.hidden = state.kind === "today" && !app.compare.on;
    mark.appendChild(T.el("mark", "", T.pair(state.name[0], state.name[1])));
    const count = document.querySelector('#qh-tab-gaps [data-service="' + app.at + '"]');
    if (count) count.textContent = gaps ? T.count(gaps.total) : "–";
  }

  QH.gapTable = { show, name, listed };
})();
