// A big upload shows how far it is, which a form by itself does not; the page that it leads to says the rest.

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-upload]");
  if (!form || event.defaultPrevented) return;
  event.preventDefault();
  const bar = form.querySelector("progress");
  const said = form.querySelector("[role=status]");
  const request = new XMLHttpRequest();
  const fail = (sentence) => {
    form.classList.remove("is-busy");
    showToast("trouble", sentence);
  };
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.max = total;
    bar.value = loaded;
    const share = Math.round((loaded / total) * 100);
    said.textContent = loaded < total ? _("Загружаем: %(share)s %%", { share }) : _("Загружено, принимаем…");
  });
  request.addEventListener("load", () => {
    bar.removeAttribute("value");
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    if (request.status === 200) return location.assign(request.responseURL);
    if (request.status !== 422) return fail(page.querySelector("[data-error]")?.textContent || NO_ANSWER);
    document.getElementById("main").replaceWith(page.getElementById("main"));
    document.getElementById("photo").focus();
  });
  request.addEventListener("error", () => fail(NO_CONNECTION));
  request.open("POST", form.action);
  request.send(new FormData(form));
});
