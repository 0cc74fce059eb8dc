// In a narrow and low window the navigation scrolls: show where we are.
const section = document.querySelector(".site-nav [aria-current]");
// Not by `scrollIntoView`, which would take a page that was left further down, and is come back to, to its top.
if (section) {
  const strip = section.closest(".site-nav");
  strip.scrollLeft = section.offsetLeft - strip.offsetLeft - (strip.clientWidth - section.offsetWidth) / 2;
}

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
