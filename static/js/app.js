"use strict";

// What forms and links cannot do: toasts that leave, the focus after a swapped row, the keyboard in the lists.

// On a phone the navigation scrolls: show where we are.
document.querySelector(".site-nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

const TOAST_MILLISECONDS = 10000;
const NO_CONNECTION = "Нет связи с сервером. Проверьте интернет и повторите.";
const NO_ANSWER = "Не получилось. Ваши данные целы, повторите через минуту.";

const toasts = document.getElementById("toasts");
let toastTimer;

function startToastTimer() {
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => toasts.replaceChildren(), TOAST_MILLISECONDS);
}

function showToast(text, ...rest) {
  const line = document.createElement("div");
  line.className = "toast-line";
  line.append(text, ...rest);
  toasts.replaceChildren(line);
}

// The way back from a change: one more click in the row, which may have been swapped meanwhile.
function undoButton(rowId, mode) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Отменить";
  button.addEventListener("click", () => {
    const opposite = document.getElementById(rowId)?.querySelector(`[value="${mode}"]`);
    if (!opposite) return location.assign("/sync/changes");
    opposite.focus({ preventScroll: true });
    opposite.click();
  });
  return button;
}

new MutationObserver(() => toasts.firstElementChild && startToastTimer()).observe(toasts, { childList: true });
// Nobody loses the button under the pointer or the focus.
for (const name of ["pointerenter", "focusin"]) toasts.addEventListener(name, () => clearTimeout(toastTimer));
for (const name of ["pointerleave", "focusout"]) toasts.addEventListener(name, startToastTimer);

document.addEventListener("htmx:response:error", (event) => {
  const { ctx } = event.detail;
  if (ctx.hx?.redirect || ctx.response.status === 422) return;
  const page = new DOMParser().parseFromString(ctx.text ?? "", "text/html");
  showToast(page.querySelector("[data-error]")?.textContent || NO_ANSWER);
});

document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx) showToast(NO_CONNECTION);
});

// A click in a row replaces the row: keep the focus on the button that was pressed.
let pressed = null;

document.addEventListener("htmx:before:swap", () => {
  const row = document.activeElement?.closest("tr[data-entity]");
  pressed = row && { id: row.id, value: document.activeElement.value };
});

document.addEventListener("htmx:after:swap", () => {
  // A row that was changed by a click knows the way back; its name and badge say what happened.
  const changed = document.querySelector("tr[data-undo]");
  if (changed) {
    const name = changed.querySelector("th").firstChild.textContent.trim();
    const rule = changed.querySelector(".badge").textContent;
    const effect = changed.dataset.effect ? `. ${changed.dataset.effect}` : "";
    showToast(`«${name}»: ${rule}${effect}`, undoButton(changed.id, changed.dataset.undo));
    delete changed.dataset.undo;
  }
  const row = pressed && document.getElementById(pressed.id);
  if (!row || row.contains(document.activeElement)) return;
  const button = pressed.value && row.querySelector(`[value="${pressed.value}"]`);
  if (button) button.focus({ preventScroll: true });
  else focusRow(row);
});

function focusRow(row) {
  row.tabIndex = -1;
  row.focus();
  row.scrollIntoView({ block: "nearest" });
}

const MODE_OF_KEY = { "+": "include", "=": "include", "-": "exclude", "0": "none" };
const STEP_OF_KEY = { ArrowDown: 1, ArrowUp: -1 };

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, select, textarea")) return;
  const search = document.getElementById("search");
  const row = target.closest("tr[data-entity]");
  if (key === "/" && search) {
    search.focus();
    search.select();
  } else if (key in STEP_OF_KEY && (row || target === document.body)) {
    const rows = [...document.querySelectorAll("tr[data-entity]")];
    const next = rows[row ? rows.indexOf(row) + STEP_OF_KEY[key] : 0];
    if (!next) return;
    focusRow(next);
  } else if (key in MODE_OF_KEY && row) {
    row.querySelector(`[value="${MODE_OF_KEY[key]}"]`).click();
  } else {
    return;
  }
  event.preventDefault();
});

// A change of many rules takes a moment: say so, and let nobody press twice. The page that comes next says the rest.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-busy]");
  if (!form) return;
  if (form.classList.contains("is-busy")) event.preventDefault();
  form.classList.add("is-busy");
  form.querySelector("[role=status]").textContent = form.dataset.busy;
});

// Back shows the page as it was left.
addEventListener("pageshow", () => document.querySelectorAll(".is-busy").forEach((form) => form.classList.remove("is-busy")));
