// Leads from the tab in Locust's navigation to the page. Locust's own tabs show tables only, so the
// tab is one of those (template_args["extended_tabs"]) and this opens the page instead of it.
"use strict";

const KEY = "reliability";
const TITLE = "Reliability";

if (new URLSearchParams(location.search).get("tab") === KEY) location.replace(`./${KEY}`);

document.addEventListener(
  "click",
  (event) => {
    const tab = event.target instanceof Element && event.target.closest('[role="tab"]');
    if (!tab || tab.textContent.trim() !== TITLE) return;
    // Locust would show its empty table for a moment, and "back" would lead to that.
    event.stopImmediatePropagation();
    event.preventDefault();
    location.assign(`./${KEY}`);
  },
  true,
);
