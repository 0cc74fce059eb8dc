// `?` tells the keys that a page hears. Who speaks to the browser, or types by accident, switches them off.

const KEYS_OFF = "keys-off";
const KEYS_PAGE = "/help";

function keysAreOff() {
  return localStorage.getItem(KEYS_OFF) !== null;
}

// Without this script there are no keys, so there is nothing to switch.
function addKeysSwitch(section) {
  const label = document.createElement("label");
  const box = document.createElement("input");
  box.type = "checkbox";
  box.className = "form-check-input";
  box.checked = !keysAreOff();
  box.addEventListener("change", () => {
    if (box.checked) localStorage.removeItem(KEYS_OFF);
    else localStorage.setItem(KEYS_OFF, "1");
  });
  label.append(box, " ", _("Слушать клавиши в этом браузере"));
  section.append(label);
}

async function showKeys() {
  if (document.getElementById("keys")) return location.assign("#keys");
  const page = await fetch(KEYS_PAGE).then((answer) => answer.text()).catch(() => "");
  const section = new DOMParser().parseFromString(page, "text/html").getElementById("keys");
  if (!section) return location.assign(`${KEYS_PAGE}#keys`);
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "keys-title");
  const close = document.createElement("button");
  close.className = "btn btn-line btn-sm";
  close.textContent = _("Закрыть");
  close.addEventListener("click", () => dialog.close());
  addKeysSwitch(section);
  dialog.append(section, close);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  const isAsked = event.key === "?" || (event.code === "Slash" && event.shiftKey);
  if (!isAsked || isTyping(event) || keysAreOff() || document.querySelector("dialog")) return;
  showKeys();
  event.preventDefault();
});

const keysHere = document.getElementById("keys");
if (keysHere) addKeysSwitch(keysHere);
