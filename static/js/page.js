"use strict";

// In a narrow and low window the navigation scrolls: show where we are.
document.querySelector(".site-nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

document.addEventListener("keydown", (event) => {
  const search = document.getElementById("search");
  // By its place on the keyboard: the Russian layout has no slash there.
  const isSlash = event.key === "/" || (event.code === "Slash" && !event.shiftKey && event.key !== "?");
  if (!search || !isSlash || isTyping(event) || keysAreOff()) return;
  search.focus();
  search.select();
  event.preventDefault();
});

// Whether a key belongs to a field or to a shortcut of the browser.
function isTyping(event) {
  return event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), select, textarea");
}
