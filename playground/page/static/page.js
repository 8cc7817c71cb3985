// Refreshing, acting, moving about. Everything a person sees comes from the server as HTML.
"use strict";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const pageData = () => JSON.parse($("#page-data").textContent);
const me = () => pageData().user;

// Acting ----------------------------------------------------------------------------------------

async function post(url, fields) {
  const body = fields instanceof FormData ? fields : new FormData();
  if (!(fields instanceof FormData))
    for (const [name, value] of Object.entries(fields || {})) if (value != null) body.append(name, value);
  try {
    const answer = await fetch(url, { method: "POST", body, headers: { "X-Playground": "1" } });
    if (!answer.ok) return { ok: false, words: "The playground could not do that. Please try again." };
    return await answer.json();
  } catch {
    return { ok: false, words: "The playground does not answer. Is it still running?" };
  }
}

async function act(url, fields, control) {
  control?.classList.add("busy");
  const answer = await post(url, fields);
  if (!answer.ok) control?.classList.remove("busy"); // refused: it may be tried again at once
  await refresh();
  control?.classList.remove("busy");
  if (answer.words) toast(answer.words);
  return answer;
}

let toastTimer;
function toast(words) {
  const box = $("#toast");
  const host = $("dialog[open] form") || document.body;
  if (box.parentNode !== host) host.append(box);
  box.textContent = words;
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { box.hidden = true; document.body.append(box); }, 6000);
}

// Refreshing ------------------------------------------------------------------------------------

let refreshing = null, again = false;

function refresh() {
  if (refreshing) { again = true; return refreshing; }
  refreshing = (async () => {
    do { again = false; await load(location.href, { "X-Live": document.hidden ? "hidden" : "1" }); } while (again);
    refreshing = null;
  })();
  return refreshing;
}

async function load(url, headers = {}) {
  let answer;
  const asked = location.href;
  try { answer = await fetch(url, { headers }); } catch { return; }
  const html = await answer.text();
  if (!answer.ok || location.href !== asked) return; // the person has moved on meanwhile
  if (answer.redirected && headers["X-Live"]) { location.href = answer.url; return; }
  if (answer.redirected) history.replaceState(null, "", answer.url);
  show(new DOMParser().parseFromString(html, "text/html"));
}

function show(fresh) {
  const bottoms = new Map($$('[data-scroll="bottom"]').map((box) => [box.dataset.key, isAtBottom(box)]));
  const last = $("#messages .message:last-of-type")?.id;
  for (const name of ["rail-open", "guide-open"]) fresh.body.classList.toggle(name, document.body.classList.contains(name));
  document.body.className = fresh.body.className;
  document.title = fresh.title;
  const hadDialog = !!$("dialog[data-modal]");
  $("#toast").parentNode === document.body || document.body.append($("#toast"));
  for (const region of $$("[data-live]")) {
    const wanted = fresh.getElementById(region.id);
    if (wanted) morph(region, wanted);
  }
  for (const box of $$('[data-scroll="bottom"]'))
    if (bottoms.get(box.dataset.key) ?? true) toBottom(box);
    else if (box.id === "messages" && $("#messages .message:last-of-type")?.id !== last) $("[data-jump]").hidden = false;
  settle();
  if (hadDialog && !$("dialog[open]")) $("#main [data-testid=composer]")?.focus();
}

const isAtBottom = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < 60;
const toBottom = (box) => { box.scrollTop = box.scrollHeight; };

// What the server's HTML cannot do by itself: open dialogs, size fields, follow pictures' heights.
function settle() {
  for (const dialog of $$("dialog[data-modal]")) if (!dialog.open) openModal(dialog);
  restoreDrafts();
  $$("[data-multi]").forEach(showChosen);
  for (const select of $$("[data-person]")) select.value = select.dataset.current;
  for (const picture of $$(".b-picture"))
    if (!picture.complete) picture.addEventListener("load", () => { const box = picture.closest('[data-scroll="bottom"]'); if (box && box.scrollHeight - box.scrollTop - box.clientHeight < 460) toBottom(box); }, { once: true });
}

function openModal(dialog) {
  closePicker();
  dialog.showModal();
  const first = $("[autofocus], .modal-body .control, .modal-body select, .modal-body input, .modal-body button", dialog);
  (first || $("[data-testid=modal-submit]", dialog) || dialog).focus();
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); closeView(dialog); });
}

const closeView = (dialog, all = "") => act(`/p/${me()}/view/${dialog.dataset.viewId}/close`, { all });

async function watch() {
  let since = pageData().version, app = pageData().app;
  for (;;) {
    try {
      const answer = await fetch(`/p/${me()}/changes?since=${since}&app=${app}`);
      if (!answer.ok) throw new Error("not now");
      const news = await answer.json();
      since = news.version;
      app = news.app;
      if (news.fresh) await refresh();
    } catch {
      await new Promise((done) => setTimeout(done, 1500));
    }
  }
}

// Moving about without losing what is typed --------------------------------------------------------

function go(url) {
  history.pushState(null, "", url);
  return load(url);
}

function threadUrl(ts) {
  const url = new URL(location.href);
  url.hash = "";
  url.searchParams.delete("at");
  ts ? url.searchParams.set("thread", ts) : url.searchParams.delete("thread");
  return url.pathname + url.search;
}

addEventListener("popstate", () => load(location.href));

document.addEventListener("click", (event) => {
  const hit = (selector) => event.target.closest(selector);
  let found;
  if ((found = hit("[data-thread-link]"))) { event.preventDefault(); go(threadUrl(found.closest(".message").dataset.root)).then(() => $("#side textarea")?.focus()); }
  else if (hit("[data-close-thread]")) { event.preventDefault(); go(threadUrl(null)); }
  else if ((found = hit("[data-toggle]"))) document.body.classList.toggle(found.dataset.toggle);
  else if (hit("[data-guide-toggle]")) toggleGuide();
  else if (hit("[data-jump]")) { toBottom($("#messages")); found = $("[data-jump]"); found.hidden = true; }
  else if ((found = hit(".rail a.place"))) { document.body.classList.remove("rail-open"); event.preventDefault(); go(found.getAttribute("href")); }
  else if ((found = hit("[data-copy]"))) { navigator.clipboard?.writeText(location.origin + found.dataset.copy).then(() => toast("Link copied.")); }
  else if ((found = hit("[data-join]"))) act(`${location.pathname}/join`, {}, found);
  if (!hit(".menu")) closeMenus(); else if (hit(".menu-items button")) closeMenus(); else closeMenus(hit(".menu"));
  for (const message of $$(".message.touched")) if (message !== hit(".message")) message.classList.remove("touched");
  if (!hit("a, button, input, select, textarea, summary, label")) hit(".message")?.classList.add("touched");
});

const toBottomAll = () => $$('[data-scroll="bottom"]').forEach(toBottom);
const closeMenus = (but) => $$("details.menu[open]").forEach((menu) => { if (menu !== but) menu.open = false; });

function toggleGuide() {
  if (matchMedia("(max-width: 820px)").matches) { document.body.classList.toggle("guide-open"); if ($("[data-close-thread]")) go(threadUrl(null)); return; }
  const isThread = !!$("[data-close-thread]");
  const isClosed = isThread ? false : !document.body.classList.contains("guide-closed");
  document.cookie = `daybook_guide=${isClosed ? "closed" : "open"}; path=/; max-age=31536000; samesite=lax`;
  document.body.classList.toggle("guide-closed", isClosed);
  if (isThread) go(threadUrl(null));
}

document.addEventListener("toggle", (event) => {
  const items = event.target.open && event.target.matches?.(".menu") && $(".menu-items", event.target);
  if (!items) return;
  event.target.classList.remove("flip");
  const box = event.target.closest(".scroll, .modal-body")?.getBoundingClientRect();
  const { bottom, height, top } = items.getBoundingClientRect();
  if (box && bottom > box.bottom && top - height > box.top) event.target.classList.add("flip");
}, true);

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-person]")) {
    const rest = location.pathname.replace(/^\/p\/[^/]+/, "");
    location.href = `/p/${event.target.value}${/^\/(c\/|home)/.test(rest) ? rest : "/"}`;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || $("dialog[open]")) return;
  if (!$("#picker").hidden) closePicker(true);
  else if ($("details.menu[open]")) closeMenus();
  else if (document.body.classList.contains("rail-open")) document.body.classList.remove("rail-open");
  else if (document.body.classList.contains("guide-open")) document.body.classList.remove("guide-open");
  else if ($("[data-close-thread]") && !event.defaultPrevented) go(threadUrl(null));
});

// The clock -----------------------------------------------------------------------------------------

document.addEventListener("submit", (event) => {
  const url = event.target.dataset.clock;
  if (!url) return;
  event.preventDefault();
  const button = $("button", event.target);
  $("#top .clock").classList.add("moving");
  act(url, { user: me() }, button);
});

setInterval(() => { if (!document.hidden) refresh(); }, 30000);

addEventListener("DOMContentLoaded", () => {
  const named = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  toBottomAll();
  if (named) { named.scrollIntoView({ block: "center" }); named.classList.add("found"); }
  settle();
  document.body.dataset.ready = "yes";
  watch();
});
