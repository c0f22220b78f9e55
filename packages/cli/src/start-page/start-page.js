// Keeps the page true: asks for the state each second and, when it has changed, takes the changed sections from the
// page as the server writes it now.
const interval = 1000;
let shown = "";

async function look() {
  const answer = await fetch("/status.json", { cache: "no-store" });
  const status = await answer.text();
  if (status === shown) return;
  const page = await (await fetch("/", { cache: "no-store" })).text();
  const fresh = new DOMParser().parseFromString(page, "text/html");
  for (const section of document.querySelectorAll("[data-live]")) replace(section, fresh.getElementById(section.id));
  shown = status;
}

function replace(section, next) {
  // What the visitor is at stays: a focused link must not vanish under the fingers.
  if (!next || next.innerHTML === section.innerHTML || section.contains(document.activeElement)) return;
  section.replaceChildren(...next.childNodes);
}

async function keepLooking() {
  try {
    await look();
    document.body.classList.remove("away");
  } catch {
    document.body.classList.add("away");
  }
  setTimeout(keepLooking, interval);
}

keepLooking();
