import { Reorder } from "./library/reorder.js";
import { onPage } from "./pages.js";

onPage("#queue", (root) => {
  new Reorder({
    list: root.querySelector("#queue"),
    told: root.querySelector("#queue-told"),
    token: root.querySelector("[name=csrfmiddlewaretoken]").value,
  });
});
