// The buttons that take the map elsewhere: to a room, to paper, into a picture.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});

  function button(key, title, act) {
    const T = QH.text, out = T.el("button", "", T.word(key));
    out.type = "button";
    out.title = T.plain(title);
    out.setAttribute("aria-label", T.plain(title));
    out.addEventListener("click", act);
    return out;
  }

  QH.outputs = function (app) {
    const print = (app.print = new QH.Print(app)), brief = (app.brief = new QH.BriefMode(app));
    const asked = QH.sheetAsked();
    const Corner = L.Control.extend({
      onAdd() {
        const out = QH.text.el("div", "qh-buttons qh-outputs", [
          button("brief", "brief_start", () => brief.start()),
          button("print", "print_map", () => print.ask()),
          button("picture", "picture_save", () => QH.picture.save(app)),
        ]);
        out.setAttribute("role", "group");
        out.setAttribute("aria-label", QH.text.plain("outputs"));
        L.DomEvent.disableClickPropagation(out);
        return out;
      },
    });
    new Corner({ position: "topright" }).addTo(app.map);
    if (asked) print.keep(asked);
  };
})();
