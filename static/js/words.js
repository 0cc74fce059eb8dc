"use strict";

// `words`, the translations of what scripts say, stand before this in the bundle of every language but Russian.

function _(sentence, values = {}) {
  const said = typeof words === "undefined" ? sentence : (words[sentence] ?? sentence);
  return said.replace(/%\((\w+)\)s|%%/g, (_mark, name) => (name ? values[name] : "%"));
}
