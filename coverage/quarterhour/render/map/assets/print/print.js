// The printed sheet: one page of A4 or A3 with title block, map, figures, legend and ranked gaps.
// The map is painted at the paper's proportion and enters as a picture: canvases that are painted
// while a page is being printed may be left out of it.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const SIZES = { A4: [297, 210], A3: [420, 297] }; // millimetres
  const SHARP = 3; // dots for each of the page's pixels: 288 an inch
  const READABLE = 0.76; // of the letters beside the map, before rows of the table are left out
  const SMALLEST = 0.62;
  const FEWEST = 5;

  QH.Print = class {
    constructor(app) {
      this.app = app;
      this.sheet = document.getElementById("qh-print");
      this.dialog = document.getElementById("qh-print-dialog");
      this.choice = { paper: "A4", portrait: false, language: "" };
      this.style = document.createElement("style");
      document.head.appendChild(this.style);
      this.page();
      window.addEventListener("beforeprint", () => this.open());
      window.addEventListener("afterprint", () => { if (!this.kept) this.close(); });
      this.form();
    }

    // The size of the paper, for the browser and for the sheet.
    page() {
      const { paper, portrait } = this.choice, [long, short] = SIZES[paper];
      const [wide, high] = portrait ? [short, long] : [long, short];
      this.style.textContent =
        "@page{size:" + paper + " " + (portrait ? "portrait" : "landscape") + ";margin:0}" +
        "#qh-print{width:" + wide + "mm;height:" + (high - 0.5) + "mm}";
      this.sheet.dataset.paper = paper;
      this.sheet.dataset.way = portrait ? "portrait" : "landscape";
    }

    // Puts the sheet in the place of the page; `close` takes it away again.
    open() {
      if (this.opened) return;
      const root = document.documentElement, language = this.choice.language;
      this.opened = { language: root.dataset.language, lang: root.lang, title: document.title };
      QH.printing = true; // the map keeps its size while it is not shown
      if (language) {
        root.dataset.language = language;
        root.lang = language === "en" ? "en" : "zh-CN";
      }
      this.page();
      this.figures();
      this.sheet.querySelector(".qh-p-date").textContent = today();
      this.sheet.hidden = false;
      root.classList.add("qh-printing");
      const box = this.sheet.querySelector(".qh-p-map");
      // the words leave the map its size, which says what symbols touch, which is one of the words
      for (let pass = 0; pass < 2; pass++) {
        this.legend(box);
        this.fit();
      }
      const size = [box.clientWidth, box.clientHeight];
      // the line of a trial is read from the page, which must be there for it
      root.classList.remove("qh-printing");
      const canvas = QH.poster.paint(this.app, ...size, SHARP, true);
      root.classList.add("qh-printing");
      this.image = document.createElement("img");
      this.image.alt = "";
      this.image.src = canvas.toDataURL("image/png");
      box.appendChild(this.image);
    }

    close() {
      if (!this.opened) return;
      const root = document.documentElement, before = this.opened;
      this.opened = null;
      root.dataset.language = before.language;
      root.lang = before.lang;
      root.classList.remove("qh-printing");
      this.sheet.hidden = true;
      this.image.remove();
      this.image = null;
      this.sheet.querySelector(".qh-p-list").textContent = "";
      this.sheet.querySelector(".qh-p-figures").textContent = "";
      this.sheet.querySelector(".qh-p-plan").textContent = "";
      this.unfit();
      QH.printing = false;
    }

    // What stands beside the map on the screen, as it is now; and gaps where they are drawn.
    figures() {
      const app = this.app, host = this.sheet.querySelector(".qh-p-figures");
      const now = document.querySelector('#qh-head .qh-service[data-service="' + app.at + '"]');
      host.textContent = "";
      // of a proposal's head either the proposal or the state that is drawn
      const plan = now.classList.contains("qh-plan-now"), has = now.classList.contains("qh-has-plan");
      Array.from(now.children)
        .filter((it) => !has || it.classList.contains("qh-facts") || it.classList.contains("qh-of-plan") === plan)
        .forEach((it) => host.appendChild(it.cloneNode(true)));
      // nor the room of what is of today only
      host.querySelectorAll('[style*="visibility"]').forEach((element) => {
        if (element.style.visibility === "hidden") element.remove();
      });
      host.querySelectorAll("button,input,select,a").forEach((element) => element.remove());
      host.querySelectorAll("[id]").forEach((element) => element.removeAttribute("id"));
      // the sentence repeats the cards, and those of another year have none
      const cards = host.querySelector(".qh-within");
      host.querySelectorAll(".qh-told").forEach((told) => { if (cards) told.remove(); });
      const state = app.stages.state(), T = QH.text;
      if (app.compare.on) {
        host.textContent = "";
        [0, 1].map((side) => app.compare.state(side)).forEach((it) => host.appendChild(
          T.el("p", "qh-p-state", [T.el("b", "", T.pair(...it.name)), QH.stages.told(app, it)])));
      }
      const gaps = this.sheet.querySelector(".qh-p-gaps");
      gaps.hidden = app.compare.on || !app.layers.on.gaps;
      const block = gaps.querySelector('[data-service="' + app.at + '"]');
      if (block && app.service().gaps) QH.gapTable.show(app, block, QH.gapStates.of(app, state));
      this.plan(app.compare.on ? null : state);
    }

    // What a state proposes, by rank, and how far it is proven.
    plan(state) {
      const host = this.sheet.querySelector(".qh-p-plan");
      const section = document.getElementById("qh-proposal");
      host.textContent = "";
      if (!state || !section || state.number === undefined) return;
      const tables = section.querySelectorAll(
        '.qh-service:not([hidden]) [data-plan="' + state.number + '"]');
      if (!tables.length) return;
      section.querySelectorAll(".qh-verdict").forEach((it) => host.appendChild(it.cloneNode(true)));
      tables.forEach((it) => host.appendChild(it.cloneNode(true)));
      host.querySelectorAll("caption").forEach((it) => it.remove());
      host.querySelectorAll("button").forEach((it) => it.replaceWith(...it.childNodes));
    }

    legend(box) {
      const list = this.sheet.querySelector(".qh-p-list"), T = QH.text;
      list.textContent = "";
      for (const [svg, text, level] of QH.poster.legendOf(this.app, box.clientWidth, box.clientHeight)) {
        const sign = svg ? hatched(svg.cloneNode(true)) : "", swatch = T.el("span", "qh-swatch", sign);
        // sizes of symbols are as large here as on the map
        if (svg && !svg.hasAttribute("viewBox")) {
          ["width", "height"].forEach((side) => { sign.style[side] = svg.getAttribute(side) + "px"; });
          swatch.style.width = "auto";
        }
        list.appendChild(T.el("div", "qh-p-row" + (level ? " qh-p-inner" : svg ? "" : " qh-p-head-row"), [
          svg ? swatch : null, T.el("span", "", text),
        ]));
      }
    }

    rows() {
      return Array.from(this.sheet.querySelectorAll(".qh-p-gaps .qh-service:not([hidden]) tbody tr"));
    }

    // The heading says how many rows are left; the note that there are others stands only then.
    told(cut) {
      const head = this.sheet.querySelector(".qh-p-gaps .qh-service:not([hidden]) .qh-p-first");
      if (head) QH.gapTable.listed(this.app, head, this.rows().filter((row) => !row.hidden).length);
      this.sheet.querySelectorAll(".qh-p-cut").forEach((note) => { note.hidden = !cut; });
    }

    unfit() {
      this.sheet.style.removeProperty("--beside");
      this.sheet.querySelectorAll(".qh-p-gaps tr[hidden]").forEach((row) => { row.hidden = false; });
      this.told(false);
    }

    // Makes the words beside the map smaller, then leaves out the last rows, then smaller still.
    fit() {
      this.unfit();
      const side = this.sheet.querySelector(".qh-p-side"), rows = this.rows();
      const over = () => side.scrollHeight > side.clientHeight + 1 ||
        side.scrollWidth > side.clientWidth + 1;
      let size = 1;
      const shrink = (least) => {
        while (over() && size > least) {
          size -= 0.02;
          this.sheet.style.setProperty("--beside", size.toFixed(2));
        }
      };
      shrink(READABLE);
      while (over() && rows.length > FEWEST) {
        rows.pop().hidden = true;
        this.told(true);
      }
      shrink(SMALLEST);
    }

    // Opens the sheet for good: for a program that takes a picture of it or prints it.
    keep(choice) {
      Object.assign(this.choice, choice);
      this.open();
      this.kept = true;
      const image = this.image;
      const done = () => { document.documentElement.dataset.sheet = "ready"; };
      if (image.decode) image.decode().then(done, done);
      else image.onload = done;
    }

    // Prints when the picture is there to be printed.
    go() {
      this.open();
      const image = this.image, print = () => {
        window.print();
        // where a browser does not say that it has printed
        window.addEventListener("pointerdown", () => this.close(), { once: true });
      };
      if (image.decode) image.decode().then(print, print);
      else window.setTimeout(print, 300);
    }

    form() {
      const form = this.dialog.querySelector("form");
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.read(form);
        this.hide();
        this.go();
      });
      form.querySelector(".qh-p-cancel").addEventListener("click", () => this.hide());
      this.dialog.addEventListener("mousedown", (event) => {
        if (event.target === this.dialog) this.hide();
      });
      // wherever the keyboard is: a click on the dialog's words takes it to none of its buttons
      document.addEventListener("keydown", (event) => {
        if (this.dialog.hidden) return;
        event.stopPropagation();
        if (event.key === "Escape") this.hide();
        if (event.key === "Tab") hold(this.dialog, event);
      }, true);
      document.addEventListener("focusin", (event) => {
        if (!this.dialog.hidden && !this.dialog.contains(event.target)) this.dialog.focus();
      });
    }

    read(form) {
      const value = (name) => {
        const found = form.querySelector('input[name="qh-print-' + name + '"]:checked');
        return found ? found.value : "";
      };
      this.choice = {
        paper: value("paper"), portrait: value("way") === "portrait", language: value("language"),
      };
    }

    ask() {
      this.opener = document.activeElement;
      const now = document.documentElement.dataset.language;
      const same = this.dialog.querySelector('input[name="qh-print-language"][value="' + now + '"]');
      if (same) same.checked = true;
      this.dialog.hidden = false;
      this.dialog.querySelector("input:checked").focus();
    }

    hide() {
      this.dialog.hidden = true;
      if (this.opener && this.opener.focus) this.opener.focus();
    }
  };

  // The symbol of a gap with the lines that it has on paper.
  function hatched(svg) {
    const box = svg.querySelector('rect[fill-opacity="0.12"]');
    if (box) {
      svg.appendChild(QH.symbols.svg("path", {
        d: "M4 3L14 13M10 3L20 13M16 3L23 10M3 8L8 13", stroke: box.getAttribute("stroke"),
        "stroke-width": 0.9, fill: "none",
      }));
    }
    return svg;
  }

  // The keyboard stays in a dialog that is open.
  function hold(dialog, event) {
    const all = Array.from(dialog.querySelectorAll("button,input:checked"));
    const first = all[0], last = all[all.length - 1], at = document.activeElement;
    const outside = at === dialog || !dialog.contains(at);
    if (outside || (event.shiftKey ? at === first : at === last)) {
      event.preventDefault();
      (event.shiftKey ? last : first).focus();
    }
  }

  function today() {
    const now = new Date(), two = (value) => String(value).padStart(2, "0");
    return [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join("-");
  }

  // What a program asks of the sheet in the address: #sheet=A3-portrait-en
  function asked() {
    const found = /^#sheet=(A3|A4)-(landscape|portrait)(?:-(zh|en|both))?$/.exec(location.hash);
    return found &&
      { paper: found[1], portrait: found[2] === "portrait", language: found[3] || "" };
  }

  QH.printing = false;
  QH.today = today;
  QH.sheetAsked = asked;
})();
