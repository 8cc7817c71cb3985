// Reactions, message menus, Block Kit elements and modals.
"use strict";

const placeOf = (element) => {
  const message = element.closest(".message");
  return message && { channel: message.dataset.channel, ts: message.dataset.ts };
};
const messageUrl = (place, what) => `/p/${me()}/c/${place.channel}/${place.ts}/${what}`;

// Reactions -----------------------------------------------------------------------------------------

let picking = null;

function openPicker(button) {
  picking = { place: placeOf(button), button };
  const picker = $("#picker"), at = button.getBoundingClientRect();
  picker.hidden = false;
  $("#picker-name").value = "";
  $("#picker-list").replaceChildren();
  const { width, height } = picker.getBoundingClientRect();
  picker.style.left = `${Math.max(8, Math.min(at.right - width, innerWidth - width - 8))}px`;
  picker.style.top = `${at.bottom + height + 6 < innerHeight ? at.bottom + 6 : Math.max(8, at.top - height - 6)}px`;
  $("[data-pick]", picker).focus();
}

function closePicker(back) {
  const picker = $("#picker");
  if (picker.hidden) return;
  picker.hidden = true;
  if (back && picking) picking.button.focus();
  picking = null;
}

function react(place, name, off) {
  closePicker(true);
  return act(messageUrl(place, "react"), { name, off });
}

document.addEventListener("input", (event) => {
  if (event.target.id !== "picker-name") return;
  const wanted = event.target.value.trim().toLowerCase().replaceAll(":", "");
  const found = wanted ? pageData().emoji.filter((name) => name.includes(wanted)).sort((a, b) => a.indexOf(wanted) - b.indexOf(wanted)).slice(0, 8) : [];
  $("#picker-list").replaceChildren(...found.map((name) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.pick = name;
    button.setAttribute("role", "option");
    const image = new Image();
    image.src = `/page/emoji/${encodeURIComponent(name)}.svg`;
    image.alt = "";
    image.className = "emoji";
    image.onerror = () => image.remove();
    button.append(image, ` ${name}`);
    return button;
  }));
});

// Clicks ---------------------------------------------------------------------------------------------

document.addEventListener("click", async (event) => {
  const hit = (selector) => event.target.closest(selector);
  let found;
  if ((found = hit("[data-pick]"))) { if (picking) react(picking.place, found.dataset.pick); }
  else if ((found = hit("[data-picker]"))) openPicker(found);
  else if (!hit("#picker")) closePicker();
  if ((found = hit("[data-react]"))) act(messageUrl(placeOf(found), "react"), { name: found.dataset.react, off: found.dataset.mine }, found);
  else if ((found = hit("[data-shortcut]"))) act(`/p/${me()}/shortcut`, { callback_id: found.dataset.shortcut, ...placeOf(found) }, found);
  else if ((found = hit("[data-delete]"))) removeMessage(placeOf(found));
  else if ((found = hit("[data-edit]"))) startEditing(found.closest(".message"), found.dataset.edit);
  else if ((found = hit("button[data-acts]"))) clickElement(found, found.dataset.value);
  else if ((found = hit("[data-close-view]"))) closeView(found.closest("dialog"));
  else if ((found = hit("[data-close-all]"))) closeView(found.closest("dialog"), "yes");
  else if ((found = hit("[data-unchip]"))) { found.closest("[data-chips]").dataset.touched = "yes"; found.closest("[data-chip]").remove(); }
});

async function removeMessage(place) {
  const ask = document.createElement("template");
  ask.innerHTML = '<h2>Delete this message?</h2><p>It goes for everybody and cannot be brought back.</p><div class="confirm-buttons"><button class="btn" value="">Keep it</button><button class="btn danger" value="yes" data-testid="confirm">Delete</button></div>';
  if (await isConfirmed(ask)) act(messageUrl(place, "delete"), {});
}

function isConfirmed(template) {
  const dialog = $("#confirm"), form = document.createElement("form");
  form.method = "dialog";
  form.append(template.content.cloneNode(true));
  dialog.replaceChildren(form);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((answer) => dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true }));
}

// Block Kit -----------------------------------------------------------------------------------------

function fieldsOf(container) {
  const fields = new FormData(container);
  for (const name of ["channel", "ts", "view"]) if (container.dataset[name]) fields.set(name, container.dataset[name]);
  return fields;
}

async function clickElement(element, value) {
  const container = element.closest("[data-container]");
  const ask = element.closest(".act") && $("template[data-confirm]", element.closest(".act"));
  if (ask && !(await isConfirmed(ask))) { container.reset?.call && element.matches("select") && (element.value = element.dataset.before || ""); return; }
  if (element.dataset.url) open(element.dataset.url, element.dataset.url.startsWith("/") ? "_self" : "_blank", "noopener");
  const fields = fieldsOf(container);
  fields.set("action_id", element.dataset.actionId);
  fields.set("block_id", element.dataset.blockId);
  if (value != null) fields.set("value", value);
  await act(`/p/${me()}/click`, fields, element);
}

document.addEventListener("change", (event) => {
  const element = event.target;
  if (element.matches("[data-multi] input")) showChosen(element.closest("[data-multi]"));
  if (!element.matches("[data-acts]") || element.matches("button")) return;
  if (element.matches("input[type=text], input[type=email], input[type=url], textarea")) return;
  clickElement(element);
});

function showChosen(menu) {
  const boxes = $$("input", menu), chosen = boxes.filter((box) => box.checked), words = $("[data-chosen]", menu);
  words.textContent = chosen.map((box) => box.parentNode.textContent.trim()).join(", ") || words.dataset.placeholder;
  const limit = Number(menu.dataset.max || 0);
  for (const box of boxes) box.disabled = limit > 0 && chosen.length >= limit && !box.checked;
}

// Text fields that tell the app while a modal is open: on Enter, or a moment after each letter.
let typing;
document.addEventListener("input", (event) => {
  const element = event.target;
  if (!element.matches('[data-acts][data-on~="on_character_entered"]')) return;
  clearTimeout(typing);
  typing = setTimeout(() => clickElement(element), 350);
});
document.addEventListener("keydown", (event) => {
  const element = event.target;
  if (event.key !== "Enter" || event.isComposing || !element.matches?.('input[data-acts][data-on~="on_enter_pressed"]')) return;
  event.preventDefault();
  clickElement(element);
});

document.addEventListener("submit", async (event) => {
  if (event.target.matches("[data-pick-form]")) {
    event.preventDefault();
    const name = $("#picker-name").value;
    if (name.trim() && picking) react(picking.place, name);
  } else if (event.target.matches("[data-modal-form]")) {
    event.preventDefault();
    const form = event.target, button = $("[data-testid=modal-submit]", form);
    if (!button || button.classList.contains("busy")) return;
    const fields = fieldsOf(form);
    form.setAttribute("aria-busy", "true");
    const answer = await act(`/p/${me()}/view/${form.dataset.view}/submit`, fields, button);
    form.removeAttribute("aria-busy");
    if (!answer.ok) {
      $("[aria-invalid=true], .has-error input", form)?.focus();
      $("[data-testid^=error-]", form)?.scrollIntoView({ block: "nearest" });
    }
  } else if (event.target.matches("[data-container]")) event.preventDefault();
});

// External selects -----------------------------------------------------------------------------------

let asking;
document.addEventListener("input", (event) => { if (event.target.closest("[data-combo]") && event.target.matches("[role=combobox]")) askSoon(event.target); });
document.addEventListener("focusin", (event) => { if (event.target.matches?.("[data-combo] [role=combobox]")) askSoon(event.target); });
document.addEventListener("focusout", (event) => { const combo = event.target.closest?.("[data-combo]"); if (combo && !combo.contains(event.relatedTarget)) setTimeout(() => closeCombo(combo), 150); });

function askSoon(input) {
  clearTimeout(asking);
  const combo = input.closest("[data-combo]");
  if (input.value.length < Number(combo.dataset.min)) return closeCombo(combo);
  asking = setTimeout(() => suggest(input, combo), 200);
}

function closeCombo(combo) { $("ul", combo).hidden = true; $("[role=combobox]", combo).setAttribute("aria-expanded", "false"); }

async function suggest(input, combo) {
  const fields = fieldsOf(input.closest("[data-container]")), asked = input.value;
  fields.set("action_id", combo.dataset.actionId);
  fields.set("block_id", combo.dataset.blockId);
  fields.set("query", asked);
  const answer = await post(`/p/${me()}/suggest`, fields);
  if (input.value !== asked || document.activeElement !== input) return;
  const list = $("ul", combo);
  list.replaceChildren(...listed(answer.options || []));
  list.hidden = false;
  input.setAttribute("aria-expanded", "true");
}

function listed(options) {
  if (!options.length) return [line("No result", "presentation")];
  let group = null;
  return options.flatMap((option, n) => {
    const item = line(option.text, "option");
    item.dataset.value = option.value;
    item.dataset.testid = "option";
    item.setAttribute("aria-selected", String(n === 0));
    if (!option.group || option.group === group) return [item];
    group = option.group;
    return [line(group, "presentation"), item];
  });
}

function line(words, role) {
  const item = document.createElement("li");
  item.setAttribute("role", role);
  item.textContent = words;
  return item;
}

document.addEventListener("mousedown", (event) => {
  const item = event.target.closest("[data-combo] [role=option]");
  if (item) { event.preventDefault(); choose(item); }
});
document.addEventListener("keydown", (event) => {
  const combo = event.target.matches?.("[role=combobox]") && event.target.closest("[data-combo]");
  if (!combo || $("ul", combo).hidden) return;
  if (event.key === "Enter") { event.preventDefault(); const item = $('[aria-selected="true"]', combo); if (item) choose(item); }
  else if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); closeCombo(combo); }
  else if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); step($$("[role=option]", combo), event.key === "ArrowDown" ? 1 : -1); }
});

function step(items, by) {
  if (!items.length) return;
  const at = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
  const next = items[(at + by + items.length) % items.length];
  for (const item of items) item.setAttribute("aria-selected", String(item === next));
  next.scrollIntoView({ block: "nearest" });
}

function choose(item) {
  const combo = item.closest("[data-combo]"), chips = $("[data-chips]", combo), input = $("[role=combobox]", combo);
  const chip = document.createElement("span"), field = document.createElement("input"), remove = document.createElement("button");
  chip.className = "chip";
  chip.dataset.chip = "";
  field.type = "hidden";
  field.name = combo.dataset.name;
  field.value = item.dataset.value;
  remove.type = "button";
  remove.dataset.unchip = "";
  remove.setAttribute("aria-label", `Remove ${item.textContent}`);
  remove.textContent = "×";
  chip.append(item.textContent, field, remove);
  if (!combo.dataset.multiple) chips.replaceChildren();
  chips.dataset.touched = "yes";
  chips.append(chip);
  input.value = "";
  closeCombo(combo);
  if ("comboActs" in input.dataset) clickElement(input);
}
