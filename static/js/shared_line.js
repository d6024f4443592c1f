import { Line } from "./session/http/line.js";

const line = new Line();
globalThis.addEventListener("connect", ({ ports: [port] }) => line.serve(port));
