/**
 * Stands in for the browser's `fetch`: each request is answered by the next of `answers`, each
 * `{status, pieces, hangs}`. One that hangs brings its pieces and then neither more nor its end;
 * one without a status is not answered at all.
 */
export class StageLine {
  asked = [];
  cancelled = 0;
  answers = [];

  fetch = async (url, { method = "GET", headers = {}, signal }) => {
    this.asked.push([method, url, headers.Range ?? null]);
    const { status, pieces = [], hangs = false } = this.answers.shift();
    const cut = new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    cut.catch(() => {});
    if (!status) {
      cut.catch(() => (this.cancelled += 1));
      return cut;
    }
    const left = [...pieces];
    const body = new ReadableStream({
      start: (stream) => {
        cut.catch((error) => {
          if (hangs) this.cancelled += 1;
          stream.error(error);
        });
      },
      pull: async (stream) => {
        const { piece, afterMs = 0 } = left.shift() ?? {};
        if (afterMs) await new Promise((resolve) => setTimeout(resolve, afterMs));
        if (piece) stream.enqueue(new Uint8Array(piece));
        else if (hangs) await cut;
        else stream.close();
      },
    });
    return new Response(method === "HEAD" ? null : body, { status });
  };
}

/** What a live sound takes its pieces into: `taken` is all that has come of it. */
export class StageSource extends EventTarget {
  static last;
  static isTypeSupported = () => true;
  readyState = "open";
  taken = [];

  constructor() {
    super();
    StageSource.last = this;
    setImmediate(() => this.dispatchEvent(new Event("sourceopen")));
  }

  addSourceBuffer() {
    return {
      updating: false,
      mode: "segments",
      buffered: { length: 0 },
      abort() {},
      appendBuffer: (piece) => this.taken.push(...piece),
    };
  }

  endOfStream() {
    this.readyState = "ended";
  }
}
