// Does what HTMX and plain HTML cannot do. Every page works without it, except live progress.
"use strict";

const all = (selector, root = document) => root.querySelectorAll(selector);

let opener = null; // what opened the dialog, and gets the focus back

const actions = {
  close: (link, event) => {
    event.preventDefault();
    link.closest("dialog").close();
    history.replaceState(null, "", link.href);
    document.querySelector("#dialog").replaceChildren();
    if (opener?.isConnected) return opener.focus();
    const title = document.querySelector("main h1"); // the dialog came with its page
    title.tabIndex = -1;
    title.focus();
  },
  dismiss: (button) => button.closest(".toast").remove(),
  copy: async (button) => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch { // not allowed, or the page came over plain HTTP
      const shown = button.previousElementSibling ?? button.parentElement.previousElementSibling;
      getSelection().selectAllChildren(shown);
      shown.select?.();
      return say("The browser does not let this page copy. It is selected: press Ctrl+C, or Cmd+C.", button);
    }
    for (const note of all(".copied")) note.remove();
    const note = Object.assign(document.createElement("span"), { className: "copied", role: "alert", textContent: "Copied" });
    button.after(note);
    setTimeout(() => note.remove(), 1600);
  },
};

document.addEventListener("click", (event) => {
  for (const [name, action] of Object.entries(actions)) {
    const button = event.target.closest(`[data-${name}]`);
    if (button) action(button, event);
  }
  for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  // In a field that has its own button, Enter presses that button and does not send the whole form.
  const field = event.target.closest("[data-enter]");
  if (event.key === "Enter" && field) {
    event.preventDefault();
    if (field.dataset.enter) document.querySelector(field.dataset.enter).click();
  }
  if (event.key === "Escape") {
    for (const menu of all("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
  const search = document.querySelector("main input[type=search]");
  if (event.key === "/" && search && !event.target.closest("input, textarea, select")) {
    event.preventDefault();
    search.focus();
  }
});

// An empty field that is needed says what belongs there, in place of the browser's own sentence.
document.addEventListener("invalid", ({ target }) => {
  const hint = document.getElementById(target.getAttribute("aria-describedby"));
  if (target.validity.valueMissing) target.setCustomValidity(target.placeholder || hint?.textContent || "");
}, true);
document.addEventListener("input", ({ target }) => target.setCustomValidity?.(""), true);

// If several codes are pasted into the field for one code, they are put into the larger field.
document.addEventListener("paste", (event) => {
  const text = event.clipboardData.getData("text");
  const several = document.querySelector("#several");
  if (!several || !event.target.matches("input[name=code]") || !/\S\s*\n\s*\S/.test(text)) return;
  event.preventDefault();
  several.open = true;
  const field = several.querySelector("textarea");
  field.value = text.trim();
  field.focus();
});

// A new list that begins on another day than today begins with that day, unless a time was chosen.
document.addEventListener("change", ({ target: day }) => {
  const time = day.form?.elements[day.dataset.otherDay];
  if (!time || ![time.defaultValue, "00:00"].includes(time.value)) return;
  time.value = day.value === day.defaultValue ? time.defaultValue : "00:00";
});

// Pasted rows are there again when a person goes back to correct one.
const rows = `rows ${location.pathname}`;
document.addEventListener("submit", ({ target }) => {
  const field = target.querySelector("[data-pasted]");
  if (field) sessionStorage.setItem(rows, field.value);
});
addEventListener("DOMContentLoaded", () => {
  const field = document.querySelector("[data-pasted]");
  const isBack = performance.getEntriesByType("navigation")[0].type === "back_forward" || location.hash === "#again";
  if (field && !field.value && isBack) field.value = sessionStorage.getItem(rows) ?? "";
});

// The theme: changed in place, and kept in the cookie that the server reads.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-theme-form]")) return;
  event.preventDefault();
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax${secure}`;
});

// Browsers do not scroll to what is partly in view, and in a text area only to the cursor's line.
document.addEventListener("focusin", ({ target }) => {
  if (target.matches(":focus-visible")) target.scrollIntoView({ block: "nearest", inline: "nearest" });
});

addEventListener("pageshow", () => {
  for (const form of all("form[aria-busy]")) form.ariaBusy = null;
  for (const control of all("[data-working]")) control.removeAttribute("data-working");
});

// The server sends a dialog open in its page. This makes it a modal dialog.
const openDialogs = (event) => {
  for (const dialog of all("dialog[data-modal]:not(:modal)")) {
    opener = event?.detail.requestConfig?.elt ?? null;
    dialog.close();
    dialog.showModal();
    if (!dialog.querySelector("[autofocus]")) dialog.querySelector(".body :is(input:not([type=hidden], [type=radio]:not(:checked)), select, textarea)")?.focus();
    dialog.scrollTop = 0; // its buttons are in view anyway
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      dialog.querySelector("[data-close], [data-leave]").click();
    });
  }
};
// Whether a mouse button is down now. What moves the page then makes the click go astray.
let pressed = false;
addEventListener("pointerdown", () => { pressed = true; }, true);
for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, () => { pressed = false; }, true);

// Tags are one text field with commas. This shows each as a chip. The text field is still what is sent.
const makeChips = () => {
  for (const input of all("[data-chips] input[name]:not([type=hidden])")) {
    const box = document.createElement("div");
    box.className = "chip-input";
    input.replaceWith(box);
    const typed = input.cloneNode();
    input.type = "hidden";
    input.removeAttribute("id");
    typed.removeAttribute("name");
    typed.className = "";
    box.append(typed, input);
    const tags = new Set();
    const show = () => {
      for (const chip of all(".chip", box)) chip.remove();
      for (const tag of tags) {
        const chip = Object.assign(document.createElement("span"), { className: "chip", textContent: tag });
        const button = Object.assign(document.createElement("button"), { type: "button", ariaLabel: `Remove tag ${tag}`, textContent: "×" });
        button.addEventListener("click", () => { tags.delete(tag); show(); typed.focus(); });
        chip.append(button);
        typed.before(chip);
      }
      input.value = [...tags, typed.value].filter(Boolean).join(", ");
    };
    const take = () => {
      for (const tag of typed.value.split(",")) if (tag.trim()) tags.add(tag.trim());
      typed.value = "";
      show();
    };
    typed.addEventListener("input", () => (typed.value.includes(",") ? take() : show()));
    typed.addEventListener("change", () => (pressed ? addEventListener("pointerup", () => setTimeout(take), { once: true }) : take()));
    typed.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && typed.value.trim()) { event.preventDefault(); take(); }
      if (event.key === "Backspace" && !typed.value) { tags.delete([...tags].pop()); show(); }
    });
    take();
  }
};

// A file may be dropped on its field.
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const zone = event.target.closest(".drop");
    if (!zone) return;
    event.preventDefault();
    zone.classList.toggle("over", kind === "dragover");
    if (kind !== "drop" || !event.dataTransfer.files.length) return;
    const input = zone.querySelector("input");
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
document.addEventListener("change", (event) => {
  const name = event.target.closest(".drop")?.querySelector("[data-file-name]");
  if (name) name.textContent = event.target.files[0]?.name ?? "";
});

// Breadcrumbs lead back to a page as it was seen: with its search, filter, order and page.
const leadBack = () => {
  if (document.querySelector("main.login")) sessionStorage.clear(); // who signs in next starts afresh
  const from = document.referrer && new URL(document.referrer);
  if (from && from.origin === location.origin) sessionStorage.setItem(`seen ${from.pathname}`, from.search);
  for (const link of all(".crumbs a")) link.search = sessionStorage.getItem(`seen ${link.pathname}`) || link.search;
};

// What was typed before the scripts arrived, or is filled in again by the browser, is answered too.
const isTyped = (field) => {
  if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
  if (!field.matches("select")) return field.value !== (field.defaultValue ?? field.value);
  const first = [...field.options].find((option) => option.defaultSelected) ?? field.options[0];
  return field.value !== first?.value;
};
document.addEventListener("DOMContentLoaded", () => {
  for (const form of document.forms) {
    const typed = [...form.elements].find(isTyped);
    if (!typed) continue;
    if (form.matches("[hx-get]:not([data-asks])")) form.requestSubmit(); // it asks as one types
    else typed.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

// Starts the download of an export that has become ready, once.
const fetchFiles = () => {
  for (const link of all("a[data-download]")) {
    if (sessionStorage.getItem(link.href)) continue;
    sessionStorage.setItem(link.href, "fetched");
    link.click();
  }
};

for (const prepare of [openDialogs, makeChips, fetchFiles, leadBack]) {
  prepare();
  document.addEventListener("htmx:afterSettle", prepare);
}
