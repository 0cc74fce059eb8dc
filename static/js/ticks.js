// Ticked rows: all of the page by one tick in the head, a stretch of them with Shift, and how many there are.

const TICKS = '[form="bulk"][name="n"]';
let lastTick = null;

function ticks() {
  return [...document.querySelectorAll(TICKS)];
}

// Without this script it could do nothing, so it is made here.
function pageTick() {
  const head = document.querySelector("#listing thead th");
  const made = head.querySelector("input");
  if (made) return made;
  const tick = document.createElement("input");
  tick.type = "checkbox";
  tick.ariaLabel = _("Отметить все строки на странице");
  head.prepend(tick);
  return tick;
}

function showTicked() {
  const form = document.getElementById("bulk");
  if (!form) return;
  const all = ticks();
  const count = all.filter((tick) => tick.checked).length;
  const page = pageTick();
  page.checked = count > 0 && count === all.length;
  page.indeterminate = count > 0 && count < all.length;
  const said = form.querySelector("output");
  said.hidden = !count || form.elements.scope.checked;
  said.textContent = _("Отмечено: %(count)s", { count });
}

document.addEventListener("click", (event) => {
  const tick = event.target;
  if (tick.matches(TICKS)) {
    const all = ticks();
    if (event.shiftKey && all.includes(lastTick)) {
      const [from, to] = [all.indexOf(lastTick), all.indexOf(tick)].sort((one, other) => one - other);
      for (const between of all.slice(from, to + 1)) between.checked = tick.checked;
    }
    lastTick = tick;
  } else if (tick.matches("#listing thead input")) {
    for (const each of ticks()) each.checked = tick.checked;
  }
});

document.addEventListener("change", ({ target }) => {
  // On a phone the ticks go with what has brought them.
  if (target.id === "pick" && !target.checked) document.getElementById("bulk")?.reset();
  showTicked();
});
// The form is reset after its listeners.
document.addEventListener("reset", () => setTimeout(showTicked));

// A row that is swapped stays ticked, and one that stands for others open.
document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  ctx.ticked = ticks().filter((tick) => tick.checked).map((tick) => tick.value);
  ctx.opened = [...document.querySelectorAll(".same details[open]")].map((details) => headIdOf(details.closest("tr")));
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  for (const tick of ticks()) if (ctx.ticked.includes(tick.value)) tick.checked = true;
  for (const id of ctx.opened) rowOf(id)?.querySelector("details")?.setAttribute("open", "");
  showTicked();
});

// Back brings the ticks back after the page is shown.
addEventListener("pageshow", () => setTimeout(showTicked));
