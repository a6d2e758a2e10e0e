// Keys and selection for the chart page. Every key presses a button or follows a link that is on the page; without this
// file the page does the same by hand. Nothing is fetched but /alive, and nothing is stored but scroll positions.

const PANES = [".criteria", ".panel", ".notes"];
const one = (query, root = document) => root.querySelector(query);
const all = (query, root = document) => [...root.querySelectorAll(query)];

// Where the panes were scrolled to, per chart and tab, so that a recorded decision does not lose the place.
function keepScroll() {
  if (!one(".desk")) return;
  const key = `scroll ${location.pathname}`;
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
  const sameCriterion = kept?.at === new URLSearchParams(location.search).get("c");
  PANES.forEach((query, n) => {
    const isFree = query === ".criteria" || (query === ".notes" && !location.hash) || (query === ".panel" && sameCriterion);
    if (kept && isFree) one(query).scrollTo({ top: kept.tops[n], behavior: "instant" });
  });
  addEventListener("pagehide", () => {
    const at = one(".criteria .now .chip")?.textContent ?? null;
    sessionStorage.setItem(key, JSON.stringify({ at, tops: PANES.map((query) => one(query).scrollTop) }));
  });
}

// A form is sent only once the server answers; until then the page and all that was typed stay.
function guardForms() {
  for (const form of all('form[method="post"]')) {
    form.addEventListener("submit", async (event) => {
      if (form.dataset.sure) return;
      event.preventDefault();
      const button = event.submitter;
      if (!(await isAlive())) {
        showLost(() => form.requestSubmit(button));
        return;
      }
      form.dataset.sure = "yes";
      typed.delete(form);
      form.requestSubmit(button);
      delete form.dataset.sure;
    });
  }
}

async function isAlive() {
  try {
    return (await fetch("/alive", { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

function showLost(retry) {
  one("#lost").hidden = false;
  one("#retry").onclick = () => {
    one("#lost").hidden = true;
    retry();
  };
}

// Leaving the page with something unsaved in another form is asked about first.
const typed = new Set();

function guardTyped() {
  document.addEventListener("input", (event) => {
    const form = event.target.closest('form[method="post"]:not([role="search"])');
    if (form) typed.add(form);
  });
  addEventListener("beforeunload", (event) => {
    if (typed.size) event.preventDefault();
  });
}

// The selection as code points of the note that holds it. Labels are drawn by the style sheet, so the text is the note's.
function selected() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const home = (node) => (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest(".text");
  const text = home(range.startContainer);
  if (!text || text !== home(range.endContainer)) return null;
  const before = document.createRange();
  before.setStart(text, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const words = range.toString();
  const lead = words.length - words.trimStart().length;
  const start = [...before.toString()].length + lead;
  const trimmed = words.trim();
  return trimmed ? { note: text.dataset.note, start, end: start + [...trimmed].length, text: trimmed } : null;
}

function fillSpan(form, found) {
  form.elements.start.value = found.start;
  form.elements.end.value = found.end;
  form.elements.text.value = found.text;
  if (form.elements.note) form.elements.note.value = found.note;
}

// Words typed over a selection are looked up by the server, not placed at the old offsets.
function forgetOffsets() {
  for (const form of all("form[data-span]")) {
    for (const name of ["text", "note", "occurrence"]) {
      form.elements[name]?.addEventListener("input", () => {
        form.elements.start.value = form.elements.end.value = "";
      });
    }
  }
}

const items = () => all(".item");
const current = () => one(".item.now") ?? items()[0];

function look(item) {
  if (!item) return;
  for (const other of items()) other.classList.toggle("now", other === item);
  all(".look").forEach((mark) => mark.classList.remove("look"));
  const marked = all(`[data-e="${item.dataset.item}"]`);
  marked.forEach((mark) => mark.classList.add("look"));
  marked[0]?.scrollIntoView({ block: "center" });
  item.scrollIntoView({ block: "nearest" });
  if (one("#looked")) one("#looked").textContent = `${items().indexOf(item) + 1} of ${items().length}`;
}

function step(by) {
  const list = items();
  const at = list.indexOf(one(".item.now"));
  look(list[at < 0 ? (by > 0 ? 0 : list.length - 1) : (at + by + list.length) % list.length]);
}

let hit = -1;

function stepHit(by) {
  const hits = all(".hit[id]");
  if (!hits.length) return;
  hit = (hit + by + hits.length) % hits.length;
  for (const other of all(".hit")) other.classList.toggle("look", other === hits[hit]);
  hits[hit].scrollIntoView({ block: "center" });
}

function open(act, root) {
  const details = one(`details[data-act="${act}"]`, root);
  if (!details) return null;
  details.open = true;
  return one("form", details);
}

function reject() {
  const form = current() && open("reject", current());
  if (!form) return;
  look(current());
  one("select", form).focus();
}

function correct() {
  const item = current();
  const form = item && open("correct", item);
  if (!form) return;
  const found = selected();
  if (found && found.note === form.dataset.span) fillSpan(form, found);
  form.elements.text.focus();
}

function add() {
  const found = selected();
  const form = open("add", document);
  if (!form) return;
  if (found) fillSpan(form, found);
  (found ? form.elements.role : form.elements.note).focus();
}

function choose(key) {
  const radio = one(`.verdict input[data-key="${key}"]`);
  if (!radio) return;
  radio.click();
  radio.focus();
}

// To the page that signs; there, to the password.
function finish() {
  const place = one('[data-go="f"]');
  place?.focus();
  if (place?.matches("a")) place.click();
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  a: () => current() && one('form[data-act="accept"] button', current())?.click(),
  x: reject,
  c: correct,
  s: add,
  h: () => stepHit(1),
  H: () => stepHit(-1),
  m: () => one(".verdict textarea")?.focus(),
  r: () => one('form[data-act="rest"] button')?.click(),
  u: () => one('form[data-act="undo"] button')?.click(),
  f: finish,
  "/": () => one("[data-search]")?.focus(),
  "?": () => one("#keys")?.showModal(),
  ...Object.fromEntries(["n", "p", "[", "]", "w"].map((key) => [key, () => one(`[data-go="${key}"]`)?.click()])),
  ...Object.fromEntries(["0", "1", "2", "3", "4"].map((key) => [key, () => choose(key)])),
};

const isTyping = (target) => target.matches('textarea, select, input:not([type="radio"]):not([type="checkbox"])');

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || one("dialog[open]")) return;
  if (isTyping(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

for (const link of all("[data-step]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    step(Number(link.dataset.step));
  });
}
for (const link of all("[data-look]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    look(one(`.item[data-item="${link.dataset.look}"]`));
  });
}
for (const link of all("[data-keys]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    one("#keys").showModal();
  });
}
document.addEventListener("keydown", onKey);
keepScroll();
guardForms();
guardTyped();
forgetOffsets();
if (one(".time")) one(".time").scrollLeft = one(".time").scrollWidth;
if (one(".item.now")) look(one(".item.now"));
document.documentElement.dataset.ready = "yes";
