"use strict";
const words = document.getElementById("words");
const chosen = document.getElementById("status");
const shown = document.getElementById("shown");
const groups = [...document.querySelectorAll("tbody")];

function filter() {
  const wanted = words.value.trim().toLowerCase().split(/\s+/);
  let count = 0;
  for (const group of groups) {
    let any = false;
    for (const row of group.querySelectorAll("tr.case")) {
      const holds = wanted.every(word => row.dataset.words.includes(word));
      row.hidden = !holds || (chosen.value !== "" && !chosen.value.split(" ").includes(row.dataset.status));
      any = any || !row.hidden;
      count += row.hidden ? 0 : 1;
    }
    group.hidden = !any;
  }
  shown.value = `${count} shown`;
}

// A link to a case opens it, also if it was filtered out.
function open_target() {
  const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!row) return;
  if (row.hidden) {
    words.value = "";
    chosen.value = "";
    filter();
  }
  const details = row.querySelector("details");
  if (details) details.open = true;
  row.scrollIntoView();
}

// A count shows its cases.
for (const count of document.querySelectorAll(".counts a")) {
  count.addEventListener("click", () => {
    words.value = "";
    chosen.value = count.dataset.status;
    filter();
  });
}
words.addEventListener("input", filter);
chosen.addEventListener("input", filter);
document.getElementById("filter").addEventListener("submit", event => event.preventDefault());
addEventListener("hashchange", open_target);
filter();
open_target();
