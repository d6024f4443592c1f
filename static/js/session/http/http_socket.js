const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 3;

/** What a page takes for a socket, at a port of the browser's line: see Line. */
export class HttpSocket extends EventTarget {
  readyState = CONNECTING;
  #port;
  #id;
  #hear = ({ data }) => this.#heard(data);

  /** `opening`: `{document, sound}`; `address`: of streams; `token`: against requests from elsewhere. */
  constructor({ port, opening, address, token }) {
    super();
    this.#port = port;
    this.#id = randomName();
    port.addEventListener("message", this.#hear);
    port.start();
    port.postMessage({ id: this.#id, open: opening, address, token });
  }

  send(text) {
    this.#port.postMessage({ id: this.#id, text });
  }

  close() {
    if (this.readyState === CLOSED) return;
    this.#port.postMessage({ id: this.#id, close: true });
    this.#end(1000);
  }

  #heard({ id, open, text, close }) {
    if (id !== this.#id) return;
    if (open) {
      this.readyState = OPEN;
      this.dispatchEvent(new Event("open"));
    } else if (close !== undefined) {
      this.#end(close);
    } else {
      this.dispatchEvent(new MessageEvent("message", { data: text }));
    }
  }

  #end(code) {
    this.readyState = CLOSED;
    this.#port.removeEventListener("message", this.#hear);
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
}

/** `crypto.randomUUID` is there on secure pages only. */
const randomName = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
