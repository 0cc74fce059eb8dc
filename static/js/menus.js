// A menu closes by Esc, which gives the focus back to its button, and by a click elsewhere.

const OPEN_MENU = ".menu[open]";

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector(OPEN_MENU);
  if (!menu) return;
  if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  menu.open = false;
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(OPEN_MENU)) {
    // What was chosen closes it, too.
    if (!menu.contains(event.target) || event.target.closest("a")) menu.open = false;
  }
});
