// Photos good after good: a barcode before the camera finds its good, and a picture is sent as soon as it is taken.

const SCAN_MILLISECONDS = 150;
const NO_CAMERA = _("Камера недоступна. Разрешите её в настройках браузера или введите код.");
const scanner = document.getElementById("scanner");

if (scanner && "BarcodeDetector" in window && navigator.mediaDevices) {
  const detector = new BarcodeDetector();
  const [video, said, button] = scanner.querySelectorAll("video, [role=status], button");
  let stream = null;

  const stop = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.hidden = true;
    button.textContent = _("Сканировать штрихкод");
  };

  const look = async () => {
    if (!stream) return;
    const [code] = await detector.detect(video).catch(() => []);
    if (!code || !stream) return setTimeout(look, SCAN_MILLISECONDS);
    stop();
    const form = document.querySelector("#take .find");
    form.elements.q.value = code.rawValue;
    form.requestSubmit();
  };

  const start = async () => {
    said.textContent = "";
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      video.srcObject = stream;
      video.hidden = false;
      button.textContent = _("Остановить");
      // Before the first picture there is nothing to read in it, and that is no fault.
      video.play().catch(() => {});
      look();
    } catch {
      stop();
      said.textContent = NO_CAMERA;
    }
  };

  scanner.hidden = false;
  button.addEventListener("click", () => {
    scanner.dataset.scans = stream ? "" : "yes";
    return stream ? stop() : start();
  });
  // After a photo the next good is looked for the same way.
  document.addEventListener("htmx:after:swap", () => {
    if (scanner.dataset.scans && !stream && document.querySelector("#take[data-next]")) start();
  });
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-send-at-once]") && event.target.files.length) event.target.form.requestSubmit();
});
