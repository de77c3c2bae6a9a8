"use strict";

const PERIOD = 1000;
const root = document.documentElement;

// What a person chose stays; until then the system's setting is followed.
const button = document.getElementById("theme");
const chosen = () => localStorage.getItem("theme");
const dark = matchMedia("(prefers-color-scheme: dark)");
function paint() {
  const theme = chosen() ?? (dark.matches ? "dark" : "light");
  root.dataset.theme = theme;
  button.setAttribute("aria-pressed", String(theme === "dark"));
}
button.addEventListener("click", () => {
  localStorage.setItem("theme", root.dataset.theme === "dark" ? "light" : "dark");
  paint();
});
dark.addEventListener("change", paint);
button.hidden = false;
paint();

// Every part of the page that lives is replaced when the emulator writes it differently. What was unfolded stays so,
// and whoever is at an element of it stays there.
const seen = new Map();
for (const part of document.querySelectorAll("[data-live]")) seen.set(part.id, part.innerHTML);

function replace(part, text) {
  const focused = part.contains(document.activeElement) ? document.activeElement.id : null;
  const open = [...part.querySelectorAll("details[open]")].map((one) => one.id);
  part.innerHTML = text;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

async function refresh() {
  const offline = document.querySelector("#offline span");
  try {
    const reply = await fetch(document.body.dataset.source, { cache: "no-store" });
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    for (const fresh of page.querySelectorAll("[data-live]")) {
      if (seen.get(fresh.id) === fresh.innerHTML) continue;
      seen.set(fresh.id, fresh.innerHTML);
      replace(document.getElementById(fresh.id), fresh.innerHTML);
    }
    offline.hidden = true;
  } catch {
    offline.hidden = false;
  }
}

async function follow() {
  if (!document.hidden) await refresh();
  setTimeout(follow, PERIOD);
}
follow();
