// Figures before and after, the list of changes, and the people left in each gap.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const LISTED = 15, FRESH = 5;
  const amount = (micro) => QH.text.quantity(micro / QH.whatIf.MICRO);

  // A change with its sign; what is below a tenth but not nothing is not shown as nothing.
  function signed(micro) {
    if (micro === 0) return "±0";
    return (micro > 0 ? "+" : "−") + amount(Math.abs(micro));
  }

  // An amount as it is told, NaN where that is no number.
  const told = (micro) => Number(amount(micro).replace(/,/g, ""));

  // The difference of two amounts as they are told, so that they add up by eye.
  const difference = (before, after) => Math.round(10 * (told(after) - told(before))) / 10;

  function change(before, after) {
    const more = difference(before, after), shown = QH.text.amount(Math.abs(more));
    return more ? (more > 0 ? "+" : "−") + shown : signed(after - before);
  }

  // What is gained and what is lost, so that their difference is the change as it is told.
  function bothWays(before, after, gained, lost) {
    const more = difference(before, after), none = !gained || !lost;
    // where nobody is lost, or nobody is gained, the change is all there is
    const down = none ? Math.max(0, -more) : Math.max(told(lost), -more);
    return Number.isFinite(more) && Number.isFinite(down) ?
      [QH.text.amount(Math.max(0, more + down)), QH.text.amount(down)] :
      [amount(gained), amount(lost)];
  }

  function button(className, label, act) {
    const out = QH.text.el("button", className, label);
    out.type = "button";
    out.addEventListener("click", act);
    return out;
  }

  class Result {
    constructor(panel) {
      this.panel = panel;
      this.host = document.getElementById("qh-wi-result");
      this.live = document.getElementById("qh-wi-live");
      this.list = document.getElementById("qh-wi-list");
      this.left = document.getElementById("qh-wi-left-body");
      this.rows = new Map();
    }

    groupName(key) { return this.panel.app.data.groups[key] || [key, key]; }

    unit() { return this.panel.app.data.words[QH.text.unit()]; }

    // Minutes, the speed where there is one, and who, as one line of each language.
    terms(service, changed, who) {
      const panel = this.panel, own = panel.model.services[service], T = QH.text;
      const words = panel.app.data.words, set = changed ? panel.plan.now.terms[service] || {} : {};
      const minutes = T.amount(panel.minutesOf(service, set.cutoff_ms || own.cutoff_ms));
      const out = [0, 1].map((at) => [words.covered_within[at].replace("{minutes}", minutes)]);
      if (!own.walker.rule_m || !own.walker.rule_m.length) {
        const speed = +((set.speed_mmph || own.walker.speed_mmph) / 3600000).toFixed(3);
        out.forEach((line, at) => line.push(words.at_speed[at].replace("{speed}", speed)));
      }
      if (who) out.forEach((line, at) => line.push(who[at]));
      return T.pair(out[0].join(" · "), out[1].join(" · "));
    }

    // What the share is a share of, as in the headline of today.
    base(c) { return this.panel.linkedOnly() ? c.covered + c.uncovered : c.total; }

    share(c) {
      const base = this.base(c);
      return base > 0 ? QH.text.percent(c.covered / base) : "–";
    }

    draw(result, outside) {
      const panel = this.panel, service = panel.app.at, T = QH.text, W = QH.whatIf;
      const own = panel.model.services[service].group, unit = this.unit();
      const active = panel.plan.active();
      const b = result.before[own], a = result.after[own];
      const host = T.el("div");
      this.host.classList.toggle("qh-wi-idle", !active);
      const people = panel.app.data.unit === "people";
      const who = people ? this.groupName(own) : null;
      const head = T.el("p", "qh-wi-terms-line", T.el("span", "qh-two", this.terms(service, active, who)));
      if (!active) {
        host.appendChild(T.el("p", "qh-told", T.word("whatif_nothing")));
      }
      host.appendChild(head);
      const big = T.el("p", "qh-wi-big");
      const step = (label, c, kind) => T.el("span", kind, [
        T.el("small", "", T.word(label)), T.el("b", "", outside && label === "trial" ? "–" : amount(c.covered)),
        T.el("small", "", outside && label === "trial" ? T.word("trial_off") : this.share(c)),
      ]);
      big.appendChild(step("today", b, "qh-wi-was"));
      if (active) {
        big.appendChild(T.el("span", "qh-wi-arrow", "→"));
        big.appendChild(step("trial", a, "qh-wi-is"));
        const more = a.covered - b.covered;
        big.appendChild(T.el("span", "qh-wi-change " + (outside ? "" : more < 0 ? "qh-wi-down" : more > 0 ? "qh-wi-up" : ""), [
          T.el("small", "", T.word("change")), T.el("b", "", outside ? "–" : change(b.covered, a.covered)),
          T.el("small", "", T.pair(unit[0], unit[1])),
        ]));
      }
      host.appendChild(big);
      const which = panel.linkedOnly() ? "of_linked" : "of_total";
      host.appendChild(T.el("p", "qh-told", W.told(which, { base: amount(this.base(b)), unit })));
      if (active && !outside) this.more(host, result, service, unit, own);
      if (people && Object.keys(result.after).length > 1) host.appendChild(this.table(result, active && !outside));
      if (b.unlinked > 0) {
        host.appendChild(T.el("p", "qh-told", W.told("apart", { n: T.whole(b.unlinked / W.MICRO), unit })));
      }
      T.renew(this.host, host);
      this.tell(outside ? null : change(b.covered, a.covered), active);
      if (!panel.drag) this.drawLeft(result);
    }

    bothWays(result) {
      const own = this.panel.sums.group(this.panel.app.at);
      return bothWays(
        result.before[own].covered, result.after[own].covered, result.gained, result.lost
      );
    }

    more(host, result, service, unit, own) {
      const panel = this.panel, W = QH.whatIf, T = QH.text;
      const [gained, lost] = this.bothWays(result);
      const line = W.told("gained_lost", { gained, lost, unit });
      host.appendChild(T.el("p", "qh-told", line));
      if (!panel.plan.now.terms[service]) return;
      const alone = panel.sums.terms(service).counts[own].covered - result.before[own].covered;
      host.appendChild(T.el("p", "qh-told qh-wi-note",
        W.told("terms_alone", { change: signed(alone), unit })));
    }

    table(result, active) {
      const T = QH.text, keys = Object.keys(result.after), own = this.panel.sums.group(this.panel.app.at);
      const heads = ["group", "total", "today"].concat(active ? ["trial", "change"] : []);
      const out = T.el("table", "qh-wi-table");
      out.appendChild(T.el("caption", "qh-unseen", T.word("whatif_result")));
      out.appendChild(T.el("thead", "", T.el("tr", "", heads.map((key) => {
        const cell = T.el("th", "", T.word(key));
        cell.scope = "col";
        return cell;
      }))));
      out.appendChild(T.el("tbody", "", keys.map((key) => {
        const b = result.before[key], a = result.after[key];
        const head = T.el("th", "", T.pair(...this.groupName(key)));
        head.scope = "row";
        const cells = [head, T.el("td", "", amount(b.total)), T.el("td", "", amount(b.covered))];
        if (active) {
          cells.push(T.el("td", "", amount(a.covered)), T.el("td", "qh-wi-delta", change(b.covered, a.covered)));
        }
        const row = T.el("tr", key === own ? "qh-wi-own" : "", cells);
        row.dataset.group = key;
        return row;
      })));
      return out;
    }

    // A screen reader is told once the figures rest; the banner says the same to the others.
    tell(more, active) {
      const panel = this.panel, own = panel.sums.group(panel.app.at), unit = this.unit();
      const group = panel.app.data.unit === "people" ? this.groupName(own) : ["", ""];
      panel.banner.figure(!active ? null : more === null ? QH.whatIf.told("trial_off") :
        QH.whatIf.told("trial_gain", { group, change: more, unit }));
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => {
        this.live.textContent = "";
        if (active) this.live.appendChild(more === null ? QH.whatIf.told("trial_off") :
          QH.whatIf.told("trial_gain", { group, change: more, unit }));
      }, 350);
    }

    // One line for each change, in the order in which they were made; what stays as it is is kept.
    drawList() {
      const { list, panel } = this, { plan } = panel, held = this.holding(), rows = new Map();
      const numbers = {};
      const put = (about, make) => {
        const key = JSON.stringify(about);
        rows.set(key, this.rows.get(key) || make());
      };
      for (const it of plan.now.items) {
        if (it.what === "add") numbers[it.service] = (numbers[it.service] || 0) + 1;
        put([it, numbers[it.service]], () => this.item(it, numbers[it.service]));
      }
      for (const key of Object.keys(plan.now.terms)) {
        put([key, plan.now.terms[key]], () => this.termsItem(Number(key)));
      }
      this.rows = rows;
      const wanted = Array.from(rows.values());
      Array.from(list.children).forEach((row) => { if (!wanted.includes(row)) row.remove(); });
      wanted.forEach((row, i) => { if (list.children[i] !== row) list.insertBefore(row, list.children[i] || null); });
      const none = !wanted.length;
      document.getElementById("qh-wi-none").hidden = !none;
      document.getElementById("qh-wi-undo").disabled = !plan.past.length;
      document.getElementById("qh-wi-redo").disabled = !plan.future.length;
      document.getElementById("qh-wi-reset").disabled = !plan.active();
      if (held && !list.contains(document.activeElement)) {
        const again = list.querySelector(held);
        if (again) again.focus();
        else if (none) document.querySelector('#qh-whatif [data-tool="add"]').focus();
        else list.querySelector("button").focus();
      }
    }

    // Where in the list the keyboard is, to be there again when the list is new.
    holding() {
      const now = document.activeElement;
      if (!this.list.contains(now)) return null;
      const row = now.closest("li");
      return '[data-item="' + row.dataset.item + '"] ' + now.tagName.toLowerCase() +
        (now.className ? "." + now.className.split(" ")[0] : "");
    }

    item(it, number) {
      const panel = this.panel, T = QH.text, services = panel.app.data.services;
      const kind = it.what === "add" && it.from !== null ? "move" : it.what;
      let sign = T.el("span", "qh-wi-sign", QH.whatIf.icon(kind));
      const texts = [T.el("small", "", this.kind(it, kind))];
      if (it.what === "add") {
        sign = T.el("span", "qh-wi-sign", QH.whatIf.pinSymbol(
          services[it.service].colour, number, it.from !== null
        ));
        texts.push(this.name(it), T.el("small", "qh-wi-alone"));
      } else if (it.what === "close") {
        texts.push(T.el("b", "", services[it.service].facilities[it.row].name || QH.whatIf.told("item_unnamed", { n: it.row + 1 })));
      } else if (it.what === "link") {
        texts.push(T.el("b", "", [T.count(it.length_mm / 1000), " ", T.word("metres")]));
      }
      const go = button("qh-wi-go", QH.whatIf.icon("go"), () => panel.go(it));
      this.label(go, "go_there", it);
      const away = button("qh-wi-remove", "×", () => panel.remove(it.id));
      this.label(away, "remove", it);
      const row = T.el("li", "", [sign, T.el("span", "qh-wi-text", texts), go, away]);
      row.dataset.item = it.id;
      return row;
    }

    kind(it, kind) {
      const T = QH.text, services = this.panel.app.data.services;
      const several = services.length > 1 && it.service !== undefined;
      return T.el("span", "", [
        T.word("item_" + kind), several ? " · " + services[it.service].name : "",
      ]);
    }

    label(element, key, it) {
      element.title = QH.text.plain(key);
      const more = it.name || (it.what === "close" ?
        this.panel.app.data.services[it.service].facilities[it.row].name : "");
      element.setAttribute("aria-label", QH.text.plain(key) + (more ? ": " + more : ""));
    }

    name(it) {
      const input = QH.text.el("input", "qh-wi-name");
      input.type = "text";
      input.maxLength = 80;
      input.value = it.name;
      input.setAttribute("aria-label", QH.text.plain("pin_name"));
      input.addEventListener("change", () => {
        this.panel.plan.change(it.id, { name: input.value.trim() || it.name });
      });
      return input;
    }

    termsItem(service) {
      const T = QH.text, panel = this.panel;
      const several = panel.app.data.services.length > 1;
      const away = button("qh-wi-remove", "×", () => panel.plan.setTerms(service, null));
      away.title = T.plain("remove");
      away.setAttribute("aria-label", T.plain("terms_today"));
      const row = T.el("li", "", [
        T.el("span", "qh-wi-sign", QH.whatIf.icon("terms")),
        T.el("span", "qh-wi-text", [
          T.el("small", "", T.el("span", "", [
            T.word("item_terms"), several ? " · " + panel.app.data.services[service].name : "",
          ])),
          T.el("b", "", this.terms(service, true)),
        ]),
        away,
      ]);
      row.dataset.item = "terms" + service;
      return row;
    }

    drawLeft(result) {
      const panel = this.panel, service = panel.app.at, T = QH.text, W = QH.whatIf;
      const gaps = panel.app.data.services[service].gaps;
      const box = document.getElementById("qh-wi-left");
      box.hidden = !result.left || !(result.left.length || result.lost);
      if (box.hidden || !box.open) return;
      const body = this.left;
      body.textContent = "";
      // those that are new are found at once where few are lost, else once the steps rest
      const fresh = W.fresh.of(panel, result, !panel.drawing.waiting) || [];
      this.listed = fresh;
      const ranked = panel.sums.ranking(service, result.left, fresh);
      const heads = ["left_rank", "gap_name", "today", "left_left"];
      const table = T.el("table", "qh-wi-left-table");
      table.appendChild(T.el("thead", "", T.el("tr", "", heads.map((key) => T.el("th", "", T.word(key))))));
      table.appendChild(T.el("tbody", "", ranked.map((it, i) => {
        // the largest, and of those that are new the largest in any case
        if (i >= LISTED && !(it.fresh && it.row < result.left.length + FRESH)) return "";
        return it.fresh ? this.freshRow(it, i) : this.leftRow(it, i);
      }).filter(Boolean)));
      body.appendChild(table);
      if (panel.plan.active()) body.appendChild(T.el("p", "qh-told", T.word("left_rule")));
      if (fresh.length) {
        body.appendChild(T.el("p", "qh-told", W.told("left_new", {
          n: this.bothWays(result)[1], unit: this.unit(), gaps: T.count(fresh.length), m: gaps.join_m,
        })));
        if (fresh.length > W.fresh.SHOWN) {
          body.appendChild(T.el("p", "qh-told", W.told("left_most", { n: W.fresh.SHOWN })));
        }
      }
    }

    // A gap of today in the ranking.
    leftRow(it, i) {
      const panel = this.panel, service = panel.app.at, T = QH.text, W = QH.whatIf;
      const gaps = panel.app.data.services[service].gaps, was = panel.sums.gaps(service).people[it.row];
      const name = button("", T.pair(gaps.name[it.row][0], gaps.name[it.row][1]), () => {
        panel.app.gapList.choose(it.row, { opener: name });
      });
      const row = T.el("tr", it.left < was ? "qh-wi-less" : "", [
        T.el("td", "", String(i + 1)),
        T.el("td", "", [name, T.el("small", "", W.told("left_was", { n: it.row + 1 }))]),
        T.el("td", "", amount(was)),
        T.el("td", "", it.left > 0 ? amount(it.left) : T.word("left_closed")),
      ]);
      row.dataset.row = it.row;
      return row;
    }

    // One that is new.
    freshRow(it, i) {
      const T = QH.text, W = QH.whatIf, { letter, near, at } = it.fresh;
      const name = button("", W.told("left_fresh_near", { letter, name: near }), () => {
        this.panel.app.map.setView(at, Math.max(15, this.panel.app.map.getZoom()));
      });
      const row = T.el("tr", "qh-wi-fresh", [
        T.el("td", "", String(i + 1)), T.el("td", "", [name, T.el("small", "", T.word("left_fresh"))]),
        T.el("td", "", amount(0)), T.el("td", "", amount(it.left)),
      ]);
      row.dataset.fresh = letter;
      return row;
    }
  }

  QH.whatIf = QH.whatIf || {};
  Object.assign(QH.whatIf, { Result, amount, signed, change, difference, button });
})();
