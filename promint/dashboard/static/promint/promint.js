// What HTMX and plain HTML cannot do. Every page works without it, except live progress.
"use strict";

const all = (selector, root = document) => root.querySelectorAll(selector);

const actions = {
  dismiss: (button) => button.closest(".toast").remove(),
  copy: async (button) => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1600);
  },
};

document.addEventListener("click", (event) => {
  for (const [name, action] of Object.entries(actions)) {
    const button = event.target.closest(`[data-${name}]`);
    if (button) action(button);
  }
  for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
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

// A form that was sent shows it, and is not sent twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.ariaBusy === "true") event.preventDefault();
  else form.ariaBusy = "true";
});
addEventListener("pageshow", () => { for (const form of all("form[aria-busy]")) form.ariaBusy = null; });

// A dialog arrives open in its page; here it becomes a modal one.
const openDialogs = () => {
  for (const dialog of all("dialog[data-modal]:not(:modal)")) {
    dialog.close();
    dialog.showModal();
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      dialog.querySelector("[data-close]").click();
    });
  }
};
openDialogs();
document.addEventListener("htmx:afterSettle", openDialogs);
