const secret = location.hash.slice(1);
// The secret has done its part: it stays neither in the address nor in the history.
history.replaceState(null, "", location.pathname);

const response = await fetch(location.pathname, {
  method: "POST",
  headers: { "content-type": "application/json", prefer: "return=representation" },
  body: JSON.stringify({ secret }),
}).catch(() => undefined);

if (response?.ok) {
  location.replace((await response.json()).location);
} else {
  const page = document.getElementById("returning");
  page.querySelector("[data-show=returning]").hidden = true;
  const refused = page.querySelector("[data-show=refused]");
  refused.hidden = false;
  document.getElementById("said").textContent = refused.firstElementChild.textContent;
}
