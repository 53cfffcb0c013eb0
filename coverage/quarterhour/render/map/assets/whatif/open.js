// Unpacks the model and asks it what quarterhour knows of it, before anybody can.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const by = (id) => document.getElementById(id);

  Object.assign(QH.WhatIf.prototype, {
    // After the first frame is drawn: the map comes first.
    open() {
      const QW = QH.whatIf, data = this.app.data;
      const state = by("qh-wi-state"), body = by("qh-wi-body");
      const stop = (key, values, loud) => {
        state.textContent = "";
        state.appendChild(QW.told(key, values));
        state.hidden = false;
        body.hidden = true;
        state.classList.toggle("qh-wrong", Boolean(loud));
        this.failed = key;
      };
      if (typeof DecompressionStream === "undefined") {
        stop("whatif_old");
        return Promise.resolve();
      }
      this.app.layers.on.trial = true;
      return QH.Model.open(data.what_if).then((model) => {
        const test = model.selftest(), alarm = (key, values) => {
          stop(key, values, true);
          by("qh-selftest").appendChild(QW.told(key, values));
          by("qh-selftest").hidden = false;
          document.body.classList.add("qh-alarm");
          // paper and pictures say it too
          const foot = document.querySelector("#qh-print .qh-p-foot");
          foot.insertBefore(QH.text.el("b", "qh-internal qh-p-alarm", QH.text.word("alarm_sheet")), foot.firstChild);
        };
        // a model of another study answers its own questions well
        if (model.bound !== by("qh-whatif").dataset.bound) return alarm("whatif_foreign", {});
        if (!test.ok) return alarm("whatif_failed", { failed: test.failed.length, n: test.n });
        this.start(model);
        state.hidden = true;
        body.hidden = false;
        const tested = model.rounding ? "whatif_tested_rounded" : "whatif_tested";
        by("qh-wi-tested").appendChild(QW.told(tested, { n: test.n }));
        // what the first click would wait for
        const idle = window.requestIdleCallback || ((then) => setTimeout(then, 300));
        for (const any of [false, true]) idle(() => model.link(this.app.at, 0, 0, { any }));
        return undefined;
      }).catch(() => stop("whatif_damaged", {}, true));
    },
  });
})();
