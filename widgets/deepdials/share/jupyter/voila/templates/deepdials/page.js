// Voila's pages call this while a cell runs, to keep the connection open.
window.voila_heartbeat = () => {};

addEventListener("DOMContentLoaded", () => {
  const loading = document.getElementById("deepdials-loading");
  const page = loading.parentElement;
  const settle = () => {
    if (page.querySelector(".jupyter-widgets, .deepdials-failure")) {
      loading.remove();
      observer.disconnect();
    }
  };
  const observer = new MutationObserver(settle);
  observer.observe(page, { childList: true, subtree: true });
  settle();
});

addEventListener("load", function watch() {
  const kernel = window.jupyterapp?.widgetManager?.kernel;
  if (!kernel) {
    setTimeout(watch, 500);
    return;
  }
  const lost = document.getElementById("deepdials-lost");
  let patience;
  const show = () => {
    lost.hidden = false;
  };
  // A restarted kernel is empty: what the page shows is no longer there.
  kernel.statusChanged.connect((_, status) => {
    if (["restarting", "autorestarting", "dead"].includes(status)) show();
  });
  // A short break mends itself.
  kernel.connectionStatusChanged.connect((_, status) => {
    clearTimeout(patience);
    if (status !== "connected" && !kernel.isDisposed) patience = setTimeout(show, 4000);
  });
});
