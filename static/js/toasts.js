// Messages that leave by themselves: what a click did, with the way back, and what went wrong.

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
