"use strict";
// The page reads without this script; it adds the panel, the filter and the switch between programmes.
const panel = document.getElementById("panel");
const panelBody = panel.querySelector(".body");
let opener = null;

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-open]");
  if (!link) return;
  const article = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!article) return;
  event.preventDefault();
  opener = link;
  const copy = article.cloneNode(true);
  copy.removeAttribute("id");
  copy.querySelector("h3").id = "panel-title";
  panelBody.replaceChildren(copy);
  panel.showModal();
  panel.scrollTop = 0;
});
panel.addEventListener("click", (event) => { if (event.target === panel) panel.close(); });
panel.addEventListener("close", () => { panelBody.replaceChildren(); if (opener) opener.focus(); });

for (const form of document.querySelectorAll("form[data-filter]")) {
  const rows = [...document.getElementById(form.dataset.filter).tBodies[0].rows];
  const shown = form.querySelector(".n");
  const none = form.parentElement.querySelector(".none");
  const apply = () => {
    const words = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const fits = words.every((word) => row.dataset.words.includes(word))
        && (!form.elements.group.value || row.dataset.group === form.elements.group.value)
        && (!form.elements.technical.checked || row.dataset.kind !== "transversal")
        && (!form.elements.solid.checked || row.dataset.sure === "solid");
      row.hidden = !fits;
      count += fits;
    }
    shown.textContent = count;
    none.hidden = count > 0;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
}

const buttons = [...document.querySelectorAll("button[data-programme]")];
const show = (anchor) => {
  for (const button of buttons) {
    const chosen = button.dataset.programme === anchor;
    button.setAttribute("aria-pressed", chosen);
    document.getElementById(button.dataset.programme).hidden = !chosen;
  }
};
for (const button of buttons) button.addEventListener("click", () => show(button.dataset.programme));
if (buttons.length) show(buttons[0].dataset.programme);
// On paper every programme is there; the style sheet cannot undo [hidden], so it is undone here.
addEventListener("beforeprint", () => buttons.forEach((b) => { document.getElementById(b.dataset.programme).hidden = false; }));
addEventListener("afterprint", () => { const b = buttons.find((x) => x.getAttribute("aria-pressed") === "true"); if (b) show(b.dataset.programme); });
