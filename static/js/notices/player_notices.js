/** Says when a block could not be read aloud, and when the browser wants to be asked first. */
export class PlayerNotices {
  #player;
  #notices;
  #failedIdx = null;

  constructor({ player, session, notices }) {
    this.#player = player;
    this.#notices = notices;
    player.addEventListener("failed", ({ detail }) => this.#showFailed(detail));
    player.addEventListener("state", () => this.#showGesture());
    session.addEventListener("block", ({ detail: { idx, state } }) => {
      if (state?.status === "cached" && idx === this.#failedIdx) notices.hide("failed");
    });
  }

  #showFailed({ idx, message, goesOn }) {
    this.#failedIdx = idx;
    this.#notices.show({
      kind: "failed",
      text: `Paragraph ${idx + 1} could not be read aloud${goesOn ? ": the next one follows" : ""}. ${message}`,
      bad: true,
      action: { label: "Try again", run: () => this.#player.retry(idx) },
    });
  }

  #showGesture() {
    if (this.#player.state !== "needs-gesture") {
      this.#notices.hide("gesture");
      return;
    }
    this.#notices.show({
      kind: "gesture",
      text: "Press play to begin: the browser wants to be asked first.",
      stays: true,
      action: { label: "Play", run: () => this.#player.play() },
    });
  }
}
