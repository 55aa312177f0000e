// What a shared page does only with scripts: printing, copying, and marking the place one reads.
// The page is complete without them, so these buttons are hidden until this runs.
"use strict";

const texts = {
  link: () => location.href.split("#")[0],
  code: () =>
    [...document.querySelectorAll(".code-lines .ln")].map((line) => line.textContent).join(""),
};

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(texts[button.dataset.copy]());
    button.dataset.copied = "";
    setTimeout(() => delete button.dataset.copied, 2000);
  });
}

for (const button of document.querySelectorAll("[data-act=print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// Print shows everything, whatever is folded.
addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details:not([open])")) {
    fold.open = true;
    fold.dataset.folded = "";
  }
});
addEventListener("afterprint", () => {
  for (const fold of document.querySelectorAll("details[data-folded]")) {
    fold.open = false;
    delete fold.dataset.folded;
  }
});

const links = [...document.querySelectorAll(".rail nav a")];
const places = links.map((link) => document.getElementById(link.hash.slice(1)));
const mark = () => {
  const line = innerHeight * 0.3;
  let at = 0;
  places.forEach((place, index) => {
    if (place && place.getBoundingClientRect().top < line) at = index;
  });
  if (scrollY + innerHeight >= document.documentElement.scrollHeight - 2) at = links.length - 1;
  links.forEach((link, index) => {
    if (index === at) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  });
};
addEventListener("scroll", mark, { passive: true });
mark();
