// Asks the browser for a passkey before a form with data-passkey is sent. WebAuthn works with script
// only. What it is asked comes from the server as JSON, with bytes in base64url.
"use strict";

document.documentElement.dataset.scripted = ""; // hides what is said to people without script

const bytesOf = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const textOf = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const asked = (options) => {
  const keys = (list) => (list ?? []).map((key) => ({ ...key, id: bytesOf(key.id) }));
  const publicKey = { ...options, challenge: bytesOf(options.challenge) };
  if (options.user) publicKey.user = { ...options.user, id: bytesOf(options.user.id) };
  if (options.excludeCredentials) publicKey.excludeCredentials = keys(options.excludeCredentials);
  if (options.allowCredentials) publicKey.allowCredentials = keys(options.allowCredentials);
  return { publicKey };
};

const answered = ({ id, rawId, type, response }) => {
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const given = parts.filter((name) => response[name]).map((name) => [name, textOf(response[name])]);
  return JSON.stringify({ id, rawId: textOf(rawId), type, response: Object.fromEntries(given) });
};

const WHY = {
  InvalidStateError: "This passkey is there already.",
  SecurityError: "Passkeys work only at the address in PROMINT_BASE_URL: open Promint there.",
  NotSupportedError: "This browser or device has no passkeys of a kind that can be used.",
};

document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  const field = form.matches("[data-passkey]") && form.elements.passkey;
  if (!field || field.value) return;
  if ([...form.elements].some((one) => one.required && !one.value.trim())) return; // the server says so
  event.preventDefault();
  event.stopImmediatePropagation();
  try {
    if (!navigator.credentials) throw new DOMException("", "NotSupportedError");
    const options = JSON.parse(form.dataset.options);
    field.value = answered(await navigator.credentials[form.dataset.passkey](asked(options)));
    form.requestSubmit(submitter);
  } catch ({ name }) {
    say(WHY[name] ?? "No passkey was given. Try once more.", form, submitter);
  }
}, true);
