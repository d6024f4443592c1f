import { Reorder } from "./library/reorder.js";

const list = document.getElementById("queue");
if (list !== null) {
  new Reorder({
    list,
    told: document.getElementById("queue-told"),
    token: document.querySelector("[name=csrfmiddlewaretoken]").value,
  });
}
