import encodeQR from "/assets/qr.js";

const card = document.getElementById("sign-in");
const base = `/interaction/${encodeURIComponent(card.dataset.request)}`;
const ended = new Set(["declined", "expired", "cancelled", "failed", "completed"]);
let leaving = false;

function show({ state, via, checkNumber }) {
  if (leaving) return;
  const before = `${card.dataset.state} ${card.dataset.via ?? ""}`;
  card.dataset.state = state;
  if (via) card.dataset.via = via;
  for (const section of card.querySelectorAll("[data-show]")) {
    section.hidden = section.dataset.show !== state || (section.dataset.via && section.dataset.via !== via);
  }
  for (const element of card.querySelectorAll("[data-running]"))
    element.hidden = ended.has(state) || state === "approved";
  if (checkNumber) document.getElementById("check-number").textContent = checkNumber;
  if (`${state} ${via ?? ""}` !== before.replace("undefined", "")) {
    const shown = card.querySelector(`[data-show="${state}"]:not([hidden])`);
    const number = state === "opened" && checkNumber ? ` ${checkNumber}` : "";
    document.getElementById("said").textContent = shown ? shown.dataset.say + number : "";
  }
  if (ended.has(state)) events.close();
  if (state === "approved" && via === "qr") goOn("finish");
}

/** Draws one second's code. Modules become runs of one path, so that nothing but the path changes. */
function draw(code) {
  const rows = encodeQR(`${card.dataset.link}.${code}`, "raw", { ecc: "low", border: 2 });
  let path = "";
  rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) {
      let length = 0;
      while (row[x + length]) length++;
      if (length) path += `M${x} ${y}h${length}v1h-${length}z`;
      x += length;
    }
  });
  const figure = document.getElementById("qr");
  let svg = figure.firstElementChild;
  if (!svg) {
    svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.append(document.createElementNS("http://www.w3.org/2000/svg", "path"));
    svg.setAttribute("shape-rendering", "crispEdges");
    figure.append(svg);
  }
  svg.setAttribute("viewBox", `0 0 ${rows.length} ${rows.length}`);
  svg.firstElementChild.setAttribute("d", path);
  // For assistive tools that hand the link to an app, and for tests.
  figure.dataset.text = `${card.dataset.link}.${code}`;
}

/** Posts and follows where the answer points. */
async function goOn(step) {
  if (leaving) return;
  leaving = true;
  const response = await fetch(`${base}/${step}`, {
    method: "POST",
    headers: { prefer: "return=representation" },
  }).catch(() => undefined);
  if (response?.ok) {
    location.replace((await response.json()).location);
    return;
  }
  leaving = false;
  show(response ? { state: "failed" } : { state: card.dataset.state, via: card.dataset.via });
}

for (const button of card.querySelectorAll("[data-action=back]")) {
  button.addEventListener("click", () => goOn("cancel"));
}

const offline = document.getElementById("offline");
const events = new EventSource(`${base}/events`);
events.addEventListener("state", ({ data }) => show(JSON.parse(data)));
events.addEventListener("code", ({ data }) => draw(JSON.parse(data).code));
events.addEventListener("open", () => {
  offline.hidden = true;
});
events.addEventListener("error", () => {
  if (leaving || ended.has(card.dataset.state)) return;
  offline.hidden = false;
  // Something between us does not let the stream through: ask instead.
  if (events.readyState === EventSource.CLOSED) poll();
});

async function poll() {
  while (!leaving && !ended.has(card.dataset.state)) {
    const response = await fetch(`${base}/status`).catch(() => undefined);
    if (response?.ok) {
      const status = await response.json();
      offline.hidden = true;
      show(status);
      if (status.code) draw(status.code);
    } else if (response?.status === 403 || response?.status === 404) {
      show({ state: "expired" });
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

const timeLeft = document.getElementById("time-left");
function tick() {
  const seconds = Math.max(0, Math.round((Number(card.dataset.expires) - Date.now()) / 1000));
  timeLeft.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
tick();
setInterval(tick, 1000);
