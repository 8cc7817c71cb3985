// Turns the page that is shown into the one the server now has, touching only what differs, so that
// focus, scroll positions and whatever a person is typing stay. No library, no globals but `morph`.
"use strict";

const morph = (() => {
  // What the browser owns: never taken from the server's page.
  const OWNED = new Set(["open", "aria-expanded", "aria-selected", "hidden"]);

  // Classes that the browser sets: kept where they are.
  const LOCAL = ["touched", "found", "flip", "busy"];

  const keyOf = (node) =>
    node.nodeType === 1 ? node.dataset.key || node.id || null : null;

  const isAlike = (a, b) =>
    a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b) &&
    (a.nodeName !== "INPUT" || (a.type === b.type && a.name === b.name && (!/checkbox|radio/.test(a.type) || a.value === b.value)));

  function attributes(from, to) {
    const local = LOCAL.filter((name) => from.classList.contains(name));
    for (const { name, value } of to.attributes)
      if (!OWNED.has(name) && from.getAttribute(name) !== value) from.setAttribute(name, value);
    for (const { name } of [...from.attributes])
      if (!OWNED.has(name) && name !== "style" && !to.hasAttribute(name)) from.removeAttribute(name);
    if (local.length) from.classList.add(...local);
  }

  function children(from, to) {
    const keyed = new Map();
    for (const child of from.childNodes) if (keyOf(child)) keyed.set(keyOf(child), child);
    let at = from.firstChild;
    for (const wanted of [...to.childNodes]) {
      const key = keyOf(wanted);
      const known = key && keyed.get(key);
      if (known && known !== at && isAlike(known, wanted)) {
        // Step over what is going away, rather than moving what stays: moving loses focus.
        const stays = [...to.childNodes].some((node) => keyOf(node) && at && keyOf(node) === keyOf(at));
        if (!stays) while (at && at !== known) { const gone = at; at = at.nextSibling; gone.remove(); }
        else from.insertBefore(known, at);
      }
      if (known && isAlike(known, wanted)) { node(known, wanted); at = known.nextSibling; }
      else if (at && !key && !keyOf(at) && isAlike(at, wanted)) { const next = at.nextSibling; node(at, wanted); at = next; }
      else from.insertBefore(document.importNode(wanted, true), at);
    }
    while (at) { const gone = at; at = at.nextSibling; gone.remove(); }
  }

  function node(from, to) {
    if (from.nodeType !== 1) { if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue; return; }
    if (from.hasAttribute("data-keep") || from.isEqualNode(to)) return;
    attributes(from, to);
    if (from.nodeName === "TEXTAREA" || from.nodeName === "TEMPLATE") { if (from.nodeName === "TEMPLATE") from.innerHTML = to.innerHTML; return; }
    if (from.nodeName === "SELECT" && from.innerHTML === to.innerHTML) return;
    if (from.hasAttribute("data-chips") && from.dataset.touched) return;
    children(from, to);
  }

  return node;
})();
