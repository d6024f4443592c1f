const LOOK_AGAIN_MS = 2_000;

nameLanguages();
watchImports();

/** Say "German" where the page says "de". */
function nameLanguages(root = document) {
  const names = new Intl.DisplayNames("en", { type: "language" });
  for (const element of root.querySelectorAll("[data-language]")) {
    try {
      element.textContent = names.of(element.dataset.language);
    } catch {
      // Not a tag that the browser knows: the code itself stays.
    }
  }
}

/** While a document is being prepared, look again, and put in what has changed. */
async function watchImports() {
  while (document.querySelector(".card--importing") !== null) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    if (document.hidden) continue;
    try {
      const response = await fetch(location.href);
      if (!response.ok || response.redirected) return;
      takeOver(new DOMParser().parseFromString(await response.text(), "text/html"));
    } catch {
      // No connection for the moment: the next look may have one.
    }
  }
}

function takeOver(page) {
  for (const card of document.querySelectorAll(".card--importing")) {
    const now = page.getElementById(card.id);
    if (now === null) card.remove();
    else if (now.dataset.status !== card.dataset.status) {
      nameLanguages(now);
      card.replaceWith(now);
    }
  }
}
