// Measures from inside the page: when a key went down, when a picture was painted, how many
// bytes came. `benchHook`, set before this runs, names what counts as a new picture.

(() => {
  const bench = (window.bench = { moves: [], pictures: [] });
  let busy = 0;
  let awaited = false;

  // A picture counts at the next animation frame: two that share one are seen as one.
  const painted = () => {
    busy = performance.now();
    if (awaited) return;
    awaited = true;
    requestAnimationFrame(() => {
      awaited = false;
      const now = performance.now();
      bench.pictures.push(now);
      const move = bench.moves.at(-1);
      if (move) move.painted ??= now;
    });
  };

  const hooks = {
    frame() {
      const options = { subtree: true, childList: true, attributeFilter: ["data-frame"] };
      const ours = ({ type, addedNodes }) =>
        type === "attributes" || [...addedNodes].some((node) => node.dataset?.frame);
      new MutationObserver((records) => records.some(ours) && painted()).observe(document, options);
    },
    image() {
      const fresh = ({ target }) => {
        if (target.tagName === "IMG" && target.src.startsWith("data:image/png"))
          target.decode().then(painted, () => {});
      };
      document.addEventListener("load", fresh, true);
    },
    canvas() {
      const draw = CanvasRenderingContext2D.prototype.drawImage;
      CanvasRenderingContext2D.prototype.drawImage = function (...given) {
        draw.apply(this, given);
        if (this.canvas.isConnected) painted();
      };
    },
  };
  hooks[window.benchHook]();

  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        busy = performance.now();
        const move = bench.moves.at(-1);
        if (move) move.bytes += data.byteLength ?? data.size ?? data.length;
      });
    }
  };

  const down = () => bench.moves.push({ at: performance.now(), bytes: 0, painted: null });
  addEventListener("keydown", down, true);

  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  // Resolves when nothing came or was painted for a while.
  bench.quiet = async (ms) => {
    do await pause(ms / 4);
    while (performance.now() - busy < ms);
  };

  bench.answered = async (ms, patience) => {
    const end = performance.now() + patience;
    while (!bench.moves.at(-1)?.painted) {
      if (performance.now() > end) throw new Error("no picture came after a key");
      await pause(5);
    }
    await bench.quiet(ms);
    // Or else each key comes at the same time after a screen refresh, and the delays with it.
    await pause(50 * Math.random());
  };

  // Pulls a handle to and fro, as often as the screen is drawn: a real mouse is heard no more
  // often, and Playwright's own is slower.
  bench.drag = async (handle, seconds, quiet) => {
    const track = handle.closest(".noUi-target").getBoundingClientRect();
    const mouse = (kind, target, share) => {
      const clientX = track.left + share * track.width;
      const clientY = track.top + track.height / 2;
      const at = { bubbles: true, cancelable: true, view: window, clientX, clientY };
      target.dispatchEvent(new MouseEvent(kind, { ...at, buttons: kind === "mouseup" ? 0 : 1 }));
    };
    const triangle = (t) => Math.abs(1 - ((t + 1) % 2));
    const box = handle.getBoundingClientRect();
    const start = (box.left + box.width / 2 - track.left) / track.width;
    const before = bench.pictures.length;
    const begin = performance.now();
    let now = begin;
    mouse("mousedown", handle, start);
    while (now < begin + 1000 * seconds) {
      await new Promise(requestAnimationFrame);
      now = performance.now();
      mouse("mousemove", document.documentElement, triangle(start + (now - begin) / 1000));
    }
    mouse("mouseup", document.documentElement, triangle(start + (now - begin) / 1000));
    await bench.quiet(quiet);
    const shown = bench.pictures.slice(before);
    const late = shown.filter((time) => time > now).length;
    return { rate: (shown.length - late) / ((now - begin) / 1000), late };
  };
})();
