import { Along } from "./panel/along.js";

const root = document.getElementById("along");
new Along({ root, url: root.dataset.url });
