// The strip above the map while "what if" is open or something is tried: that it is a trial, and
// what to do next. It has room of its own, so that no pin and no number lies under it.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const by = (id) => document.getElementById(id);

  class Banner {
    constructor(panel) {
      this.box = by("qh-trial");
      this.number = by("qh-trial-figure");
      this.said = by("qh-trial-said");
      this.idle = by("qh-trial-idle");
      by("qh-trial-clear").addEventListener("click", () => panel.plan.reset());
      this.box.hidden = false;
      document.body.classList.add("qh-may-try");
    }

    active(is) {
      by("qh-trial-line").hidden = !is;
      document.body.classList.toggle("qh-trying", is);
      this.fit();
    }

    figure(told) { QH.text.renew(this.number, QH.text.el("div", "", told || [])); }

    // The line as it is read.
    text() {
      return [by("qh-trial-line").querySelector("b"), this.number]
        .map((it) => QH.poster.textOf(it).replace(/\s+/g, " ").trim()).filter(Boolean).join(" · ");
    }

    say(parts, wrong) {
      this.said.textContent = "";
      for (const part of parts) {
        if (this.said.childNodes.length) this.said.appendChild(document.createTextNode(" "));
        this.said.appendChild(part);
      }
      this.said.hidden = !this.said.textContent;
      this.said.classList.toggle("qh-wrong", Boolean(wrong));
      this.fit();
    }

    fit() {
      document.body.classList.toggle("qh-saying", !this.said.hidden);
      this.idle.hidden = !by("qh-trial-line").hidden || !this.said.hidden;
    }
  }

  QH.whatIf = QH.whatIf || {};
  QH.whatIf.Banner = Banner;
})();
