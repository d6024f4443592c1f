/**
 * Runs in the page: returns its content as it stands there, or what is selected.
 *
 * It is sent over as text, so it uses nothing from outside of itself.
 */
export function capture(wantsSelection) {
  const escaped = (text) =>
    text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]);
  const page = { title: document.title, url: location.href, selection: String(getSelection()).trim() };
  const head = `<!doctype html><meta charset="utf-8"><base href="${escaped(document.baseURI)}">`;
  if (wantsSelection) {
    const selected = document.createElement("article");
    for (let n = 0; n < getSelection().rangeCount; n += 1) {
      selected.append(getSelection().getRangeAt(n).cloneContents());
    }
    return { ...page, html: `${head}<title>${escaped(page.title)}</title>${selected.outerHTML}` };
  }
  const root = document.documentElement;
  const copy = root.cloneNode(true);
  // What a style sheet hides is not part of what one reads, and style sheets do not come along.
  const shown = root.querySelectorAll("body *");
  const copied = copy.querySelectorAll("body *");
  shown.forEach((element, n) => {
    if (getComputedStyle(element).display === "none") copied[n].setAttribute("hidden", "");
  });
  for (const element of copy.querySelectorAll("script, noscript, template, iframe, object, embed, base")) {
    element.remove();
  }
  for (const element of copy.querySelectorAll("input, textarea")) element.removeAttribute("value");
  copy.querySelector("head")?.insertAdjacentHTML("afterbegin", head.replace("<!doctype html>", ""));
  return { ...page, html: `<!doctype html>${copy.outerHTML}` };
}
