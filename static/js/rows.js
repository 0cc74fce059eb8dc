// The rows of the lists: what a click did to one, the focus after a row is gone, and the keyboard.

const BUTTON_OF_KEY = {
  "+": '[value="include"]',
  "=": '[value="include"]',
  "-": '[value="exclude"]',
  "0": '[value="none"], [value="leave"]',
  ArrowRight: '[value="leave"]',
};
const STEP_OF_KEY = { ArrowDown: 1, ArrowUp: -1 };
const ROWS = "tr[data-entity]";

function rowOf(headId) {
  return document.getElementById(headId)?.closest("tr");
}

// A row that another one stands for is out of sight until that is opened.
function isSeen(row) {
  return row.offsetParent !== null;
}

function headIdOf(row) {
  return row.querySelector("th").id;
}

// The way back from a change: one more click in the row, which may be another element meanwhile.
function wayBack(headId, mode) {
  return () => {
    const opposite = rowOf(headId)?.querySelector(`[value="${mode}"]`);
    if (!opposite) return location.assign("/sync/history?kind=rules");
    opposite.focus({ preventScroll: true });
    opposite.click();
  };
}

function undoButton(change) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = _("Отменить");
  button.addEventListener("click", () => {
    button.closest(".toast-line").remove();
    takeBack(change);
  });
  return button;
}

// A click may take its row away: the focus goes on to the same button of the next row.
// Where it was is kept with the swap itself, since the line of counts may be swapped in the midst of it.
document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  const row = document.activeElement?.closest(ROWS);
  const next = row && (row.nextElementSibling ?? row.previousElementSibling);
  ctx.pressed = row && { headId: headIdOf(row), value: document.activeElement.value, nextId: next && headIdOf(next) };
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx: { pressed } } }) => {
  // A row that was changed by a click knows the way back; its name and badge say what happened.
  const changed = document.querySelector("tr[data-undo]");
  if (changed) {
    // Before the name there may be a picture, or what folds a group.
    const name = changed.querySelector("th > a:not(.fold)").textContent.trim();
    const rule = changed.querySelector(".badge.include, .badge.exclude, .rule .badge").textContent;
    const effect = changed.dataset.effect ? `. ${changed.dataset.effect}` : "";
    const said = _("«%(name)s»: %(done)s", { name, done: rule + effect });
    const [headId, before] = [headIdOf(changed), changed.dataset.undo];
    // Of a click that has changed nothing there is nothing to take back.
    const isAsBefore = changed.querySelector('[aria-pressed="true"]').value === before;
    showToast(headId, said, isAsBefore ? "" : undoButton(noteChange(headId, wayBack(headId, before))));
    delete changed.dataset.undo;
  }
  // A new good that was decided about leaves its list: on to the next one.
  const row = pressed && (rowOf(pressed.headId) ?? rowOf(pressed.nextId));
  if (pressed && !row) htmx.trigger(document.body, "catalog-changed");
  // Who has gone on to something else meanwhile stays there.
  if (!row || document.activeElement !== document.body) return;
  const button = pressed.value && row.querySelector(`[value="${pressed.value}"]`);
  if (button) button.focus({ preventScroll: true });
  else focusRow(row);
});

// Back leads to the row that was left for another page; the browser keeps where the list was scrolled to.
// With each answer, one that comes after the click as well, htmx overwrites a state that does not bear its mark.
document.addEventListener("click", ({ target }) => {
  const row = target.closest("a") && target.closest(ROWS);
  if (row) history.replaceState({ ...history.state, htmx: true, row: headIdOf(row) }, "");
});

addEventListener("pageshow", ({ persisted }) => {
  const isBack = persisted || performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  const row = isBack && history.state?.row && rowOf(history.state.row);
  if (!row || row.contains(document.activeElement)) return;
  if (!isSeen(row)) row.closest(".same").querySelector("details").open = true;
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
});

function focusRow(row) {
  row.tabIndex = -1;
  row.focus();
  row.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  // A list that is made for the keyboard is begun from anywhere; elsewhere the key scrolls the page.
  const begins = event.target.id === "search" || (event.target === document.body && document.querySelector(".keys"));
  if (begins && event.key === "ArrowDown") {
    const first = document.querySelector(ROWS);
    if (first) focusRow(first);
    if (first && event.target === document.body) event.preventDefault();
    return;
  }
  const row = event.target.closest(ROWS);
  if (!row || isTyping(event)) return;
  if (event.key in STEP_OF_KEY) {
    const rows = [...document.querySelectorAll(ROWS)].filter(isSeen);
    const next = rows[rows.indexOf(row) + STEP_OF_KEY[event.key]];
    if (next) focusRow(next);
  } else {
    const button = row.querySelector(BUTTON_OF_KEY[event.key] ?? "-none-");
    if (!button) return;
    button.click();
  }
  event.preventDefault();
});
