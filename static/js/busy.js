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
