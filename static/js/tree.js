// The tree of groups: brought when it is opened, and again with what clicks have changed.

const tree = document.getElementById("tree");
const drawer = tree?.closest("details");
const TREE_CLOSED = "tree-closed";
const isBesideTheList = matchMedia("(min-width: 1100px)");

function bringTree() {
  if (drawer.open) htmx.trigger(tree, "wanted");
}

function hearToggles({ target }) {
  if (target === drawer) {
    if (isBesideTheList.matches && target.open) localStorage.removeItem(TREE_CLOSED);
    else if (isBesideTheList.matches) localStorage.setItem(TREE_CLOSED, "1");
    bringTree();
  } else if (tree.contains(target) && target.open && !target.querySelector("li")) {
    bringTree();
  }
}

if (tree) {
  // On a phone it is a drawer, opened when it is needed.
  drawer.open = isBesideTheList.matches && localStorage.getItem(TREE_CLOSED) === null;
  document.addEventListener("DOMContentLoaded", () => {
    bringTree();
    // `toggle` does not bubble, and what is open from the start tells of it, too.
    setTimeout(() => document.addEventListener("toggle", hearToggles, true));
  });
  for (const change of ["rules-changed", "catalog-changed"]) document.body.addEventListener(change, bringTree);
}
