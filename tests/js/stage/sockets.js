/** A server's end of sockets: what the page opened, what it sent, and what it is told. */
export class StageServer {
  sockets = [];
  /** Whether pongs take a seq of their own; not so when every message brings its own seq. */
  countsPongs = true;

  createSocket = () => {
    const socket = new StageSocket(this);
    this.sockets.push(socket);
    return socket;
  };

  get socket() {
    return this.sockets.at(-1);
  }
}

class StageSocket extends EventTarget {
  readyState = 0;
  sent = [];
  answersPings = true;
  #server;
  #seq = 0;

  constructor(server) {
    super();
    this.#server = server;
  }

  /** What the page sent since this was asked last, pings left out. */
  takeSent() {
    return this.sent.splice(0).filter(({ type }) => type !== "ping");
  }

  open() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  /** Tell the page a message with the next seq, or with the one it carries. */
  tell(message) {
    this.#seq = message.seq ?? this.#seq + 1;
    return this.tellText(JSON.stringify({ ...message, seq: this.#seq }));
  }

  /** Let one message get lost. */
  lose() {
    this.#seq += 1;
  }

  tellText(data) {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  drop(code = 1006) {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }

  send(text) {
    const message = JSON.parse(text);
    this.sent.push(message);
    if (message.type === "ping" && this.answersPings) {
      const seq = Math.max(1, this.#seq + (this.#server.countsPongs ? 1 : 0));
      queueMicrotask(() => this.tell({ type: "pong", seq }));
    }
  }

  close() {
    this.readyState = 3;
  }
}
