import { Line } from "./session/http/line.js";

const line = new Line();
globalThis.addEventListener("connect", (event) => {
  const { ports } = /** @type {MessageEvent} */ (event);
  line.serve(ports[0]);
});
