// Sends forms with HTMX, so that the page keeps what was typed until there is an answer, and shows
// errors beside what was clicked. Without scripts, and where nothing can be lost (data-plain: signing
// in and out), the browser sends forms itself.
"use strict";

const SOON = 200; // milliseconds after which a click shows that it is being worked on
const DEEDS = ["submit", "click"];
const LONGEST_WAIT = 15000; // milliseconds between two tries to find out whether a claim counted

const sendInPlace = () => {
  for (const form of all("form[method=post]:not([data-theme-form], [data-again], [data-plain], [hx-post])")) {
    form.setAttribute("hx-post", form.getAttribute("action") ?? "");
    form.setAttribute("hx-target", "body");
    form.setAttribute("hx-disinherit", "*");
    htmx.process(form);
  }
  for (const form of all("main form:not([method=post], [hx-get], [hx-post])")) {
    form.dataset.asks = ""; // nothing is changed by it
    form.setAttribute("hx-get", form.getAttribute("action") ?? location.pathname);
    form.setAttribute("hx-target", "body");
    form.setAttribute("hx-push-url", "true");
    form.setAttribute("hx-disinherit", "*");
    htmx.process(form);
  }
};

const parsed = (text) => new DOMParser().parseFromString(text, "text/html");

const hush = (by) => { for (const note of all("[data-said]")) if (!by || note.by === by) note.remove(); };

// Shows one sentence at a time, above the control that caused it.
const say = (text, elt, submitter) => {
  hush();
  const note = document.querySelector("#said").content.firstElementChild.cloneNode(true);
  note.querySelector("span").textContent = text;
  note.by = elt;
  const from = submitter?.isConnected ? submitter : elt.hidden ? elt.closest("form") : elt;
  const foot = from.matches("form") ? from.querySelector(".form-foot, footer") : null;
  (foot ?? from.closest("th")?.closest("table") ?? from.closest(".form-foot, footer, .actions, .once, .bigcode, .row, .field, .tabs, .crumbs, .pages, td > *") ?? from).before(note);
  if (!elt.hidden) note.scrollIntoView({ block: "nearest" });
  return note;
};

// Whether a failed request was to update a part of the page, which then shows results for text that
// is no longer typed. The sentence replaces that part.
const isOutOfDate = ({ target, requestConfig: { elt, verb } }) =>
  verb === "get" && target !== document.body && target.id !== "dialog" && !target.contains(elt);

const sayInstead = (text, detail) => {
  hush();
  const note = document.querySelector("#said").content.firstElementChild.cloneNode(true);
  note.querySelector("span").textContent = text;
  const again = Object.assign(document.createElement("button"), { className: "btn small", type: "button", textContent: "Try again" });
  const { elt } = detail.requestConfig;
  again.addEventListener("click", () => elt.requestSubmit());
  if (elt.matches("form")) note.append(again);
  detail.target.replaceChildren(note);
};

// Sends a claim whose answer was lost again with the same key, until it is known whether it counted.
const findOut = (form) => {
  const wait = Math.min(LONGEST_WAIT, 1000 * 2 ** (form.asked ?? 0));
  form.asked = (form.asked ?? 0) + 1;
  for (const field of all("input", form)) field.readOnly = true;
  say("Not known yet whether this claim counted. It is being found out: keep this page open. Nothing is claimed twice.", form);
  const ask = () => { clearTimeout(timer); removeEventListener("online", ask); if (form.isConnected) form.requestSubmit(); };
  const timer = setTimeout(ask, wait);
  addEventListener("online", ask);
};

const lost = (detail) => {
  const { elt, requestConfig } = detail;
  if (elt.matches("[data-find-out]")) return findOut(elt);
  if (isOutOfDate(detail)) return sayInstead("Promint cannot be reached, so what belongs here is not known. Check the connection.", detail);
  const once = elt.matches("form") && elt.querySelector("[name=sent_once]") ? " What has arrived already is not done twice." : "";
  say(`Promint cannot be reached. What you typed is still here: check the connection, then try again.${once}`, elt, requestConfig.triggeringEvent?.submitter);
};

const failed = (detail) => {
  const { xhr, requestConfig } = detail;
  const { elt } = requestConfig;
  if (elt.matches("[data-find-out]") && xhr.status >= 500) return findOut(elt);
  const page = parsed(xhr.responseText).querySelector("[data-failed]");
  const text = page ? [...page.children].map((one) => one.textContent.replace(/\s+/g, " ").trim()).join(". ") : `The answer cannot be used (${xhr.status}). What you typed is still here: try again.`;
  if (isOutOfDate(detail)) sayInstead(text, detail);
  else say(text, elt, requestConfig.triggeringEvent?.submitter);
};

const takeToken = (token) => { for (const field of all("[name=csrfmiddlewaretoken]")) field.value = token; };

// After a sign-in each form gets its new token. If somebody else signed in, the page is loaded again.
const goOn = async () => {
  const page = parsed(await (await fetch("/profile")).text());
  if (page.querySelector(".me")?.textContent !== document.querySelector(".me")?.textContent) location.reload();
  takeToken(page.querySelector("[name=csrfmiddlewaretoken]").value);
};

const signInAgain = async (elt, submitter) => {
  if (document.querySelector("#sign-in-again")) return;
  const dialog = Object.assign(document.createElement("dialog"), { id: "sign-in-again", className: "modal slim" });
  const show = (page) => {
    const ticket = page.querySelector(".ticket");
    if (!ticket) return false;
    ticket.querySelector("header").append(Object.assign(document.createElement("p"), { textContent: "Your session has ended. What you typed is still here." }));
    ticket.querySelector("form")?.setAttribute("data-again", "");
    for (const link of all("a", ticket)) link.target = "_blank"; // the page stays
    for (const { attributes } of all("*", ticket)) // the page may have fields of the same names
      for (const name of ["id", "for", "aria-describedby"]) if (attributes[name]) attributes[name].value = `again-${attributes[name].value}`;
    dialog.replaceChildren(ticket);
    return true;
  };
  const done = async () => {
    await goOn();
    dialog.remove();
    say("You are signed in again. Nothing was sent: look at it, and send it once more.", elt, submitter);
    (submitter ?? elt).focus();
  };
  dialog.addEventListener("submit", async (event) => {
    event.preventDefault();
    const to = event.target.getAttribute("action") ?? "/login"; // the code has a page of its own
    const answer = await fetch(to, { method: "POST", body: new FormData(event.target), redirect: "manual" });
    if (answer.type === "opaqueredirect" || !show(parsed(await answer.text()))) await done();
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  if (show(parsed(await (await fetch("/login")).text()))) dialog.showModal();
  else await done();
};

const unreachable = (elt, submitter) => () => {
  document.querySelector("#sign-in-again")?.remove();
  say("Your session has ended, and Promint cannot be reached. What you typed is still here: try again.", elt, submitter);
};

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { xhr, requestConfig } = detail;
  const { elt } = requestConfig; // what sent the request; detail.elt is what would be replaced
  // What was said of a person's deed stays when something answers that the page asked by itself.
  if (xhr.status < 400) return hush(DEEDS.includes(requestConfig.triggeringEvent?.type) ? null : elt);
  const submitter = requestConfig.triggeringEvent?.submitter;
  const token = xhr.getResponseHeader("Promint-Form-Token");
  if (xhr.getResponseHeader("Promint-Sign-In")) signInAgain(elt, submitter).catch(unreachable(elt, submitter));
  else if (token) {
    takeToken(token);
    say("This form was out of date, because of a sign-in in another tab. Nothing was saved. It is up to date now: send it once more.", elt, submitter);
  } else if (elt.matches("form:is([hx-post], [data-asks])") && parsed(detail.serverResponse).querySelector("main:not(:has([data-failed]))")) {
    detail.shouldSwap = true; // show the form with its errors
    detail.isError = false;
  } else failed(detail);
});
// Back from the page that a dialog's form leads to, the page under the dialog is shown, without it.
document.addEventListener("htmx:beforeOnLoad", ({ detail: { xhr, elt } }) => {
  const under = elt.closest("dialog[data-modal]")?.querySelector("a[data-close]");
  if (under && xhr.getResponseHeader("HX-Redirect")) history.replaceState(null, "", under.href);
});

document.addEventListener("htmx:sendError", ({ detail }) => lost(detail));

// While the browser is offline, a link would lead to its own error page, and so would a form that it
// sends itself. The page stays instead, and says so.
const leadsAway = (link) => link && link.origin === location.origin && !link.target && !link.matches("[hx-get], [data-close]")
  && !(link.hash && link.pathname === location.pathname && link.search === location.search);

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (navigator.onLine || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || !leadsAway(link)) return;
  event.preventDefault();
  say("Promint cannot be reached, so this page stays. Check the connection, then try again.", link);
});
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (navigator.onLine || event.defaultPrevented || !form.matches("[data-plain]")) return;
  event.preventDefault();
  say("Promint cannot be reached. What you typed is still here: check the connection, then try again.", form, submitter);
});

// A form is not sent again while its answer is awaited. A control shows if that takes longer.
document.addEventListener("submit", (event) => {
  if (event.target.ariaBusy === "true") {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);

// Of two forms on a page only one is saved at a time. Said once, since what is typed into the other
// would be lost.
document.addEventListener("submit", (event) => {
  const { target, submitter } = event;
  if (target.method !== "post" || !target.closest("main") || target.said) return;
  const others = [...all("form[data-work]")].filter((form) => form !== target);
  if (!others.some((form) => [...form.elements].some(isTyped))) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  target.said = true;
  say("Nothing was sent: another part of this page has changes that this would lose. Save those first, or press this once more to do without them.", target, submitter);
}, true);
document.addEventListener("htmx:beforeRequest", ({ detail: { elt, requestConfig } }) => {
  if (elt.matches("form[method=post]")) elt.ariaBusy = "true";
  const control = requestConfig.triggeringEvent?.submitter ?? elt;
  if (control.matches(".btn, .items button")) control.working = setTimeout(() => control.toggleAttribute("data-working", true), SOON);
});
document.addEventListener("htmx:afterRequest", ({ detail: { xhr, elt, requestConfig } }) => {
  if (xhr.getResponseHeader("HX-Redirect")) return; // until the next page is loaded
  elt.ariaBusy = null;
  const control = requestConfig.triggeringEvent?.submitter ?? elt;
  clearTimeout(control.working);
  control.removeAttribute("data-working");
});

sendInPlace();
document.addEventListener("htmx:afterSettle", sendInPlace);
