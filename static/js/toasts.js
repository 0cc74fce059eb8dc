// Messages that leave by themselves: what a click did, with the way back, and what went wrong.

const TOAST_MILLISECONDS = 10000;
const MOST_TOASTS = 3;
const NO_CONNECTION = _("Нет связи с сервером. Проверьте интернет и повторите.");
const NO_ANSWER = _("Не получилось. Ваши данные целы, повторите через минуту.");

const toasts = document.getElementById("toasts");
let toastTimer;

function startToastTimer() {
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => toasts.replaceChildren(), TOAST_MILLISECONDS);
}

// `about` names what the message is about: of one thing the last message counts, of many the last few.
function showToast(about, text, ...rest) {
  const line = document.createElement("div");
  line.className = "toast-line";
  line.dataset.about = about;
  line.append(text, ...rest);
  [...toasts.children].find((other) => other.dataset.about === about)?.remove();
  toasts.append(line);
  if (toasts.childElementCount > MOST_TOASTS) toasts.firstElementChild.remove();
}

new MutationObserver(() => toasts.firstElementChild && startToastTimer()).observe(toasts, { childList: true });
// Nobody loses the button under the pointer or the focus.
for (const name of ["pointerenter", "focusin"]) toasts.addEventListener(name, () => clearTimeout(toastTimer));
for (const name of ["pointerleave", "focusout"]) toasts.addEventListener(name, startToastTimer);

document.addEventListener("htmx:response:error", (event) => {
  const { ctx } = event.detail;
  if (ctx.hx?.redirect || ctx.response.status === 422) return;
  const page = new DOMParser().parseFromString(ctx.text ?? "", "text/html");
  showToast("trouble", page.querySelector("[data-error]")?.textContent || NO_ANSWER);
});

document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx) showToast("trouble", NO_CONNECTION);
});
