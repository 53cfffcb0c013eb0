// The figures beside the map, which follow the state that is shown; the page is written with today's.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});

  function fill(tile, value, zh, en) {
    const T = QH.text, small = T.el("small", "", T.pair(zh, en));
    tile.textContent = "";
    tile.appendChild(T.el("b", "", value));
    tile.appendChild(small);
  }

  function bar(host, figure) {
    for (const [key, amount] of [
      ["covered", figure.covered], ["uncovered", figure.uncovered], ["unlinked", figure.unlinked],
    ]) {
      const part = host.querySelector(".qh-bar-" + key);
      if (part) part.style.flexGrow = String(amount / figure.total);
    }
  }

  // How many gaps the state has.
  function holes(app, tile, gaps) {
    if (tile) tile.style.visibility = gaps ? "" : "hidden";
    if (!tile || !gaps) return;
    const [zh, en] = app.data.words[QH.text.unit()], people = QH.text.whole(gaps.all);
    const told = (gaps.total === 1 ? "gap" : "gaps") + " with " + people + " " + en;
    fill(tile, QH.text.count(gaps.total), "处空白区，" + people + " " + zh, told);
  }

  // `written`: the markup of the head as the file has it, by service; it comes from this program.
  const written = new Map();

  QH.headline = function (app, state) {
    const section = document.querySelector('#qh-head [data-service="' + app.at + '"]');
    const share = section && section.querySelector(".qh-share");
    if (!share || !section.querySelector(".qh-within")) return;
    const tiles = [".qh-within", ".qh-share", ".qh-left", ".qh-apart"]
      .map((name) => section.querySelector(name));
    const strip = section.querySelector(".qh-bar");
    if (!written.has(app.at)) {
      written.set(app.at, tiles.map((tile) => Array.from(tile.childNodes)));
    }
    holes(app, section.querySelector(".qh-holes"), QH.gapStates.of(app, state));
    // the sentence and the indicators are of today, whatever is drawn
    const children = Array.from(section.children);
    const of = (name) => children.find((it) => it.classList.contains(name));
    if (of("qh-told")) of("qh-told").hidden = Boolean(state.view);
    if (of("qh-tallies")) of("qh-tallies").style.visibility = state.view ? "hidden" : "";
    const figure = QH.stages.figureOf(app, state), T = QH.text;
    if (strip && figure) bar(strip, figure);
    if (!state.view || !figure || figure.share === null) {
      tiles.forEach((tile, i) => {
        tile.textContent = "";
        written.get(app.at)[i].forEach((node) => tile.appendChild(node));
      });
      return;
    }
    const [zh, en] = app.data.words[T.unit()], total = T.whole(figure.total);
    tiles[0].textContent = "";
    tiles[0].appendChild(T.el("mark", "", T.pair(state.name[0], state.name[1])));
    tiles[0].appendChild(document.createTextNode(" "));
    written.get(app.at)[0].slice(1).forEach((node) => tiles[0].appendChild(node.cloneNode(true)));
    const part = T.whole(figure.covered) + " / " + total;
    fill(tiles[1], T.percent(figure.share), part + " " + zh + "可达", part + " " + en + " covered");
    fill(tiles[2], T.whole(figure.uncovered), "/ " + total + " " + zh + "未覆盖",
      "of " + total + " " + en + " not covered");
    fill(tiles[3], T.whole(figure.unlinked), "/ " + total + " " + zh + "未连路网",
      "of " + total + " " + en + " not linked");
  };
})();
