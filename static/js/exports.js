import { atEnd } from "./life.js";
import { onPage } from "./pages.js";
import { Along } from "./panel/along.js";

onPage("#main #along", (page) => {
  const root = page.querySelector("#along");
  const along = new Along({ root, url: root.dataset.url });
  atEnd(() => along.hide());
});
