// The composer: Enter sends, Shift+Enter breaks the line, "/" and "@" and "#" and ":" complete.
"use strict";

const composerOf = (element) => element.closest?.("[data-composer]");
const drafts = new Map(); // what was typed and not sent, by composer

function restoreDrafts() {
  for (const form of $$("[data-composer]")) {
    const area = $("textarea", form), draft = drafts.get(form.dataset.key);
    if (draft && !area.value && !form.dataset.edits && document.activeElement !== area) { area.value = draft; grow(area); }
  }
}

document.addEventListener("input", (event) => {
  const form = composerOf(event.target);
  if (!form || event.target.nodeName !== "TEXTAREA") return;
  grow(event.target);
  if (!form.dataset.edits) drafts.set(form.dataset.key, event.target.value);
  complete(form);
});

function grow(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight}px`;
}

function setText(area, text) {
  area.value = text;
  grow(area);
  area.focus();
}

// Sending and editing --------------------------------------------------------------------------------

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-composer]");
  if (!form) return;
  event.preventDefault();
  const area = $("textarea", form), text = area.value, editing = form.dataset.edits;
  if (!text.trim()) return;
  const broadcast = $("[name=broadcast]", form)?.checked ? "1" : null;
  closeCompletion(form);
  if (!editing) drafts.delete(form.dataset.key);
  setText(area, "");
  const answer = editing
    ? await act(messageUrl({ channel: form.dataset.channel, ts: editing }, "edit"), { text })
    : await act(`/p/${me()}/c/${form.dataset.channel}/send`, { text, thread: form.dataset.thread, broadcast }, $(".send", form));
  if (editing) stopEditing(form);
  if (!answer.ok && !area.value && document.contains(area)) setText(area, text);
  if (!editing) $$('[data-scroll="bottom"]').forEach((box) => { if (box.parentNode === form.parentNode) toBottom(box); });
});

function startEditing(message, typed) {
  const form = message.closest("#side, #main").querySelector("[data-composer]");
  if (!form) return;
  form.dataset.edits = message.dataset.ts;
  $("[data-editing]", form).hidden = false;
  setText($("textarea", form), typed);
}

function stopEditing(form) {
  delete form.dataset.edits;
  $("[data-editing]", form).hidden = true;
  setText($("textarea", form), "");
}

document.addEventListener("click", (event) => { if (event.target.closest("[data-stop-editing]")) stopEditing(composerOf(event.target)); });

// Completion -----------------------------------------------------------------------------------------

const starting = (wanted, ...names) => names.some((name) => name.toLowerCase().split(/[\s.-]+/).concat(name.toLowerCase()).some((word) => word.startsWith(wanted)));

// Each: what stands before the cursor, and the choices for it as {insert, title, note, icon}.
const KINDS = [
  { mark: /^\/(\S*)$/, find: (wanted, data, form) => form.dataset.thread ? [] : data.commands.filter((one) => one.command.slice(1).startsWith(wanted)).map((one) => ({ insert: `${one.command} `, title: `${one.command} ${one.usage_hint || ""}`, note: one.description })) },
  { mark: /(?:^|\s)@([\w.-]*)$/, find: (wanted, data) => data.people.filter((one) => starting(wanted, one.name, one.handle)).map((one) => ({ insert: `@${one.handle} `, title: one.name, note: `@${one.handle}` })) },
  { mark: /(?:^|\s)#([\w-]*)$/, find: (wanted, data) => data.channels.filter((name) => name.includes(wanted)).map((name) => ({ insert: `#${name} `, title: `#${name}`, note: "" })) },
  { mark: /(?:^|\s):([a-z0-9_+-]{2,})$/, find: (wanted, data) => data.emoji.filter((name) => name.startsWith(wanted)).map((name) => ({ insert: `:${name}: `, title: `:${name}:`, note: "", icon: name })) },
];

function complete(form) {
  const area = $("textarea", form), before = area.value.slice(0, area.selectionStart);
  for (const kind of KINDS) {
    const found = before.match(kind.mark);
    if (!found) continue;
    const choices = kind.find(found[1].toLowerCase(), pageData(), form).slice(0, 8);
    if (choices.length) return offer(form, choices, area.selectionStart - found[1].length - 1);
  }
  closeCompletion(form);
}

function offer(form, choices, from) {
  const list = $(".completion", form);
  list.replaceChildren(...choices.map((choice, n) => {
    const item = document.createElement("li"), title = document.createElement("strong"), note = document.createElement("small");
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", String(n === 0));
    item.id = `${list.id}-${n}`;
    Object.assign(item.dataset, { insert: choice.insert, from, testid: "completion" });
    if (choice.icon) { const image = new Image(); image.className = "emoji"; image.alt = ""; image.src = `/page/emoji/${encodeURIComponent(choice.icon)}.svg`; image.onerror = () => image.remove(); item.append(image); }
    title.textContent = choice.title;
    note.textContent = choice.note;
    item.append(title, note);
    return item;
  }));
  list.hidden = false;
  $("textarea", form).setAttribute("aria-expanded", "true");
  pointAt(form);
}

function pointAt(form) {
  const item = $('.completion [aria-selected="true"]', form);
  if (item) $("textarea", form).setAttribute("aria-activedescendant", item.id);
}

function closeCompletion(form) {
  $(".completion", form).hidden = true;
  $("textarea", form).setAttribute("aria-expanded", "false");
  $("textarea", form).removeAttribute("aria-activedescendant");
}

function take(form, item) {
  const area = $("textarea", form), from = Number(item.dataset.from), rest = area.value.slice(area.selectionStart);
  setText(area, area.value.slice(0, from) + item.dataset.insert + rest);
  area.selectionStart = area.selectionEnd = from + item.dataset.insert.length;
  closeCompletion(form);
}

document.addEventListener("mousedown", (event) => {
  const item = event.target.closest(".completion li");
  if (item) { event.preventDefault(); take(composerOf(item), item); }
});

document.addEventListener("keydown", (event) => {
  const form = event.target.nodeName === "TEXTAREA" && composerOf(event.target);
  if (!form || event.isComposing) return;
  const isOpen = !$(".completion", form).hidden, items = $$(".completion li", form);
  const chosen = items.find((item) => item.getAttribute("aria-selected") === "true");
  if (isOpen && (event.key === "ArrowDown" || event.key === "ArrowUp")) { event.preventDefault(); step(items, event.key === "ArrowDown" ? 1 : -1); pointAt(form); }
  else if (isOpen && event.key === "Escape") { event.preventDefault(); event.stopPropagation(); closeCompletion(form); }
  else if (isOpen && (event.key === "Tab" || event.key === "Enter") && !isWhole(event.target.value, chosen)) { event.preventDefault(); take(form, chosen); }
  else if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); form.requestSubmit(); }
  else if (event.key === "Escape" && form.dataset.edits) { event.preventDefault(); stopEditing(form); }
}, true);

// A command typed to its last letter is sent by Enter, not completed once more.
const isWhole = (text, item) => !item || item.dataset.insert.trim() === text.trim();
