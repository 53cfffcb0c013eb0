// Old syntax on purpose: this must run where the scripts above could not.
(function () {
  if (window.Quarterhour && window.Quarterhour.started) return;
  var told = document.getElementById("qh-old");
  if (told) told.removeAttribute("hidden");
})();
