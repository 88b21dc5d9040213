// The page's side of a lesson: paints frames on a canvas, reports width, pixel ratio, theme
// and pointer, and keeps the names that assistive technology and tests rely on.

const RESIZE_PAUSE = 150;

export default {
  render({ model, el }) {
    const canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    const bar = document.createElement("progress");
    bar.setAttribute("aria-label", "Computing");
    bar.max = 1;
    bar.hidden = true;
    const caption = document.createElement("p");
    caption.className = "deepdials-caption";
    caption.setAttribute("role", "status");
    el.classList.add("deepdials-picture");
    el.append(canvas, bar, caption);

    const marks = makeMarks(el);
    const page = followPage(model, el);
    const handlers = {
      frame: makePainter(canvas, page.askAgain),
      words({ said }) {
        caption.textContent = said;
        canvas.setAttribute("aria-label", said);
      },
      marks: marks.add,
      download,
      copy: ({ text }) => copy(text),
    };
    const onMessage = (content, buffers) => {
      for (const [kind, part] of Object.entries(content)) handlers[kind]?.(part, buffers);
    };
    const onProgress = () => {
      const share = model.get("progress");
      bar.hidden = share < 0;
      if (share >= 0) bar.value = share;
    };
    model.on("msg:custom", onMessage);
    model.on("change:progress", onProgress);
    onProgress();
    const stops = [followPointer(model, canvas), page.stop, marks.stop];
    return () => {
      model.off("msg:custom", onMessage);
      model.off("change:progress", onProgress);
      stops.forEach((stop) => stop());
    };
  },
};

// Decodes in parallel and paints strictly in order; only a full frame supersedes earlier ones.
function makePainter(canvas, askAgain) {
  const context = canvas.getContext("2d", { alpha: false });
  let painted = Promise.resolve();
  let newestFull = 0;
  return (frame, buffers) => {
    if (frame.full) newestFull = frame.number;
    const image = decode(buffers[0]);
    painted = painted
      .then(() => image)
      .then((bitmap) => frame.number < newestFull || paint(canvas, context, frame, bitmap))
      .catch(askAgain);
  };
}

function decode(buffer) {
  return createImageBitmap(new Blob([buffer], { type: "image/png" }), {
    colorSpaceConversion: "none",
  });
}

// A full frame is the picture; any other is a sheet of square tiles, each with its own place.
function paint(canvas, context, frame, bitmap) {
  if (frame.full) {
    [canvas.width, canvas.height] = frame.size;
    canvas.style.aspectRatio = frame.size.join(" / ");
    canvas.handles = frame.handles;
    canvas.cssWidth = frame.width;
    context.drawImage(bitmap, 0, 0);
  }
  const t = frame.tile;
  frame.tiles.forEach(([x, y], i) => {
    const [column, row] = [i % frame.across, Math.floor(i / frame.across)];
    context.drawImage(bitmap, column * t, row * t, t, t, x, y, t, t);
  });
  bitmap.close();
  canvas.dataset.frame = frame.number;
}

// Sends where the pointer is, in the picture's own CSS px, while it drags inside a handle.
function followPointer(model, canvas) {
  let start = null;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const scale = (canvas.cssWidth || box.width) / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  };
  const inside = ([x, y]) =>
    (canvas.handles || []).some(([l, t, r, b]) => l <= x && x <= r && t <= y && y <= b);
  const send = (point) => {
    model.set("pointer", [...point, ...start]);
    model.save_changes();
  };
  const handlers = {
    pointerdown(event) {
      const point = place(event);
      if (event.button !== 0 || !inside(point)) return;
      canvas.setPointerCapture(event.pointerId);
      start = point;
      send(point);
    },
    pointermove(event) {
      if (start) send(place(event));
      else canvas.style.cursor = inside(place(event)) ? "pointer" : "";
    },
    pointerup: () => (start = null),
    pointercancel: () => (start = null),
  };
  for (const [name, handler] of Object.entries(handlers)) canvas.addEventListener(name, handler);
  return () => {
    for (const [name, handler] of Object.entries(handlers))
      canvas.removeEventListener(name, handler);
  };
}

// Tells Python the width, the pixel ratio and the theme: first as "ready", then as they change.
function followPage(model, el) {
  let timer = null;
  let last = "";
  const look = () => {
    if (!el.clientWidth) return;
    const kind = last ? "resize" : "ready";
    const now = JSON.stringify(pageOf(el));
    if (now === last) return;
    last = now;
    announce(model, el, kind);
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(look, last ? RESIZE_PAUSE : 0);
  };
  const sizes = new ResizeObserver(soon);
  const themes = new MutationObserver(soon);
  const queries = ["(prefers-color-scheme: dark)", `(resolution: ${devicePixelRatio}dppx)`];
  const media = queries.map((query) => matchMedia(query));
  sizes.observe(el);
  for (const node of [document.documentElement, document.body])
    themes.observe(node, { attributes: true });
  media.forEach((query) => query.addEventListener("change", soon));
  const stop = () => {
    clearTimeout(timer);
    sizes.disconnect();
    themes.disconnect();
    media.forEach((query) => query.removeEventListener("change", soon));
  };
  return { stop, askAgain: () => announce(model, el, "ready") };
}

function announce(model, el, kind) {
  model.send({ kind, ...pageOf(el), search: location.search });
}

function pageOf(el) {
  return { width: el.clientWidth, ratio: devicePixelRatio, theme: themeOf(el) };
}

function themeOf(el) {
  const probe = document.createElement("span");
  probe.style.color = "var(--jp-layout-color0, white)";
  el.append(probe);
  const [r, g, b] = getComputedStyle(probe).color.match(/[\d.]+/g).map(Number);
  probe.remove();
  return 0.299 * r + 0.587 * g + 0.114 * b < 128 ? "dark" : "light";
}

// Keeps the attributes that Python asks for, {selector: {attribute: value}} inside the lesson's
// root ("" is the root itself), also when a control redraws itself.
function makeMarks(el) {
  const marks = {};
  let root = null;
  // JupyterLab's own keys act on whatever has the focus, up to the page's root.
  const keep = (event) => event.ctrlKey || event.metaKey || event.altKey || event.stopPropagation();
  const apply = (some) => {
    for (const [selector, attributes] of Object.entries(some)) {
      const found = selector ? root.querySelectorAll(selector) : [root];
      for (const node of found)
        for (const [name, value] of Object.entries(attributes))
          if (node.getAttribute(name) !== value) node.setAttribute(name, value);
    }
  };
  const watcher = new MutationObserver(() => apply(marks));
  const attached = new ResizeObserver(() => {
    root = el.closest(".deepdials");
    if (!root) return;
    attached.disconnect();
    root.addEventListener("keydown", keep);
    apply(marks);
    const attributeFilter = ["aria-valuetext"];
    watcher.observe(root, { subtree: true, childList: true, attributeFilter });
  });
  attached.observe(el);
  const add = (news) => {
    Object.assign(marks, news);
    if (root) apply(news);
  };
  const stop = () => {
    attached.disconnect();
    watcher.disconnect();
    root?.removeEventListener("keydown", keep);
  };
  return { add, stop };
}

function download({ name, mime }, [bytes]) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: mime }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function copy(text) {
  return navigator.clipboard?.writeText(text).catch(() => {});
}
