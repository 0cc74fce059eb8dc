// What was changed on this page, and the way back: by Z the newest change first, then the one before it.

const changes = [];
// What is on its way back already; when it has come, it is no change that Z would take back in turn.
const goingBack = [];

// `about` names what was changed, and is told again when it is back; `undo` takes it back.
function noteChange(about, undo) {
  const back = goingBack.findIndex((change) => change.about === about);
  if (back >= 0) {
    goingBack.splice(back, 1);
    return { undo };
  }
  const change = { about, undo };
  changes.push(change);
  return change;
}

function takeBack(change) {
  const place = changes.indexOf(change);
  if (place >= 0) {
    changes.splice(place, 1);
    if (change.about) goingBack.push(change);
  }
  change.undo();
}

// What did not get through can be tried again.
for (const failed of ["htmx:response:error", "htmx:error"]) {
  document.addEventListener(failed, () => changes.push(...goingBack.splice(0)));
}

// A change that led to this page, of many rows for one: its notice has the way back.
for (const form of document.querySelectorAll("form[data-undoes]")) {
  noteChange(null, () => form.requestSubmit(form.querySelector("button")));
}

// A new good that was decided about leaves its list, and is told of by the server, with the form that brings it back.
document.addEventListener("htmx:after:swap", () => {
  const form = toasts.querySelector(".toast-line form:not([data-noted])");
  if (!form) return;
  form.dataset.noted = "yes";
  const { name, value } = form.querySelector("button");
  // Not by the form itself: the next message takes its place.
  noteChange(null, () => htmx.ajax("POST", form.action, { target: toasts, swap: "none", values: { [name]: value } }));
});

// On a good's own page its rule is changed by a form that stays.
document.addEventListener("submit", ({ target, submitter }) => {
  if (!target.matches("#rules form")) return;
  const before = target.querySelector('[aria-pressed="true"]').value;
  if (submitter.value !== before) noteChange("good", () => document.getElementById(`mode-${before}`).click());
});

function sayNothingIsLeft() {
  const history = document.createElement("a");
  history.href = "/sync/history?kind=rules";
  history.textContent = _("История правил");
  showToast("undo", _("Отменять больше нечего."), history);
}

// By its place on the keyboard: in the Russian layout too.
document.addEventListener("keydown", (event) => {
  if (event.code !== "KeyZ" || event.shiftKey || isTyping(event) || keysAreOff()) return;
  if (changes.length) takeBack(changes.at(-1));
  else if (document.querySelector(`${ROWS}, #rules`)) sayNothingIsLeft();
});
