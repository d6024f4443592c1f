import { sentenceBeingSpoken, shortened, spokenPlaces, wordBeingSpoken } from "../document/passages.js";
import { listen } from "../life.js";
import { Marker } from "../text/marker.js";
import { rangesOf } from "../text/places.js";
import { SelectionBar } from "../text/selection_bar.js";
import { Annotations } from "./annotations.js";
import { AnnotationsView } from "./annotations_view.js";

const NOTHING_SPOKEN = "None of this is read aloud.";
const NOT_FETCHED =
  "Your bookmarks and highlights could not be fetched. Reload the page to try again.";
const NOTHING_YET = "There is nothing to mark here yet.";

/** Bookmarks, highlights and notes: what marks them, what shows them, what plays them. */
export class Annotating {
  #player;
  #playlist;
  #blocks;
  #panel;
  #toast;
  #chapters;
  #follower;
  #annotations;
  #marker;
  #view;
  #selection;
  #last = Promise.resolve();

  #pronouncing;

  constructor({
    player,
    playlist,
    blocks,
    panel,
    toast,
    chapters,
    follower,
    pronouncing,
    url,
    token,
    root,
  }) {
    const chapterOf = (idx) => chapters.titleAt(idx);
    this.#chapters = chapters;
    this.#follower = follower;
    this.#pronouncing = pronouncing;
    this.#player = player;
    this.#playlist = playlist;
    this.#blocks = blocks;
    this.#panel = panel;
    this.#toast = toast;
    this.#annotations = new Annotations({ url, token });
    this.#marker = new Marker({ annotations: this.#annotations, blocks });
    this.#view = new AnnotationsView({ annotations: this.#annotations, chapterOf, root });
    this.#selection = new SelectionBar({ bar: root.querySelector("#selection-bar"), blocks });
    this.#marker.addEventListener("press", ({ detail }) => this.#open(detail.id));
    this.#view.addEventListener("act", ({ detail: { name, one } }) => this.#onAct(name, one));
    this.#selection.addEventListener("act", ({ detail: { name, passage } }) => {
      if (name === "hear") this.#hear(passage);
      else if (name === "say") this.#say(passage);
      else this.#highlight(passage, name === "note");
    });
    for (const button of root.querySelectorAll("[data-bookmark]")) {
      button.addEventListener("click", () => this.#bookmark(this.#player));
    }
    this.#load();
    // What was marked on another device meanwhile.
    listen(document, "visibilitychange", () => document.hidden || this.#load());
  }

  async #load() {
    try {
      await this.#annotations.load();
      this.#view.sayBlank();
    } catch {
      this.#view.sayBlank(NOT_FETCHED);
    }
  }

  /** What its keys do, each with the event and with how the player stood at the press. */
  get keys() {
    const onSentence = (name, withNote) => (spoken) => {
      if (!this.#selection.act(name)) this.#highlight(this.#sentence(spoken), withNote);
    };
    const once = (act) => (event, spoken) => event.repeat || act(spoken);
    return {
      b: once((spoken) => this.#bookmark(spoken)),
      h: once(onSentence("highlight", false)),
      n: once(onSentence("note", true)),
      r: once(() => this.#selection.act("hear")),
      w: once((spoken) => this.#selection.act("say") || this.#say(this.#word(spoken))),
    };
  }

  #say(passage) {
    try {
      this.#pronouncing.open(passage);
    } catch ({ message }) {
      this.#toast.show(message);
    }
  }

  #sentence(player) {
    return sentenceBeingSpoken({ player, blocks: this.#blocks });
  }

  #word(player) {
    return wordBeingSpoken({ player, blocks: this.#blocks });
  }

  /** One after the other, since each looks at what the one before made; what fails is told. */
  #inTurn(act) {
    this.#last = this.#last.then(act).catch(({ message }) => this.#toast.show(message));
    return this.#last;
  }

  /** Bookmark the sentence being spoken, or take its bookmark away. */
  #bookmark(spoken) {
    const passage = this.#sentence(spoken);
    this.#inTurn(async () => {
      if (passage === null) {
        this.#toast.show(NOTHING_YET);
        return;
      }
      const known = this.#annotations.all.find(
        ({ kind, block_idx, start, end }) =>
          kind === "bookmark" &&
          block_idx === passage.block_idx &&
          start < passage.end &&
          end > passage.start,
      );
      if (known) {
        await this.#annotations.remove(known.id);
        this.#toast.show("Bookmark removed.");
      } else {
        const { quote } = await this.#annotations.add({ kind: "bookmark", ...passage });
        this.#toast.show(`Bookmarked: “${shortened(quote)}”`);
      }
    });
  }

  #highlight(passage, withNote) {
    this.#inTurn(async () => {
      if (passage === null) {
        this.#toast.show(NOTHING_YET);
        return;
      }
      const known = new Set(this.#annotations.all.map(({ id }) => id));
      const made = await this.#annotations.add({ kind: "highlight", ...passage });
      if (withNote) {
        this.#open(made.id, { note: true });
      } else if (known.has(made.id)) {
        this.#toast.show(`Highlighted already: “${shortened(made.quote)}”`);
      } else {
        this.#toast.show(`Highlighted: “${shortened(made.quote)}”`, {
          undo: () => this.#inTurn(() => this.#annotations.remove(made.id)),
        });
      }
    });
  }

  #open(id, options) {
    this.#panel.open("annotations");
    this.#view.reveal(id, options);
  }

  #onAct(name, one) {
    if (name === "go") this.#goTo(one);
    else if (name === "hear") this.#hear(one);
    else if (name === "delete") this.#delete(one);
  }

  #delete(one) {
    this.#inTurn(async () => {
      await this.#annotations.remove(one.id);
      this.#toast.show(`Deleted: “${shortened(one.quote)}”`, {
        undo: () => this.#inTurn(() => this.#annotations.add(one)),
      });
    });
  }

  /** A highlight is played as far as it goes; from a bookmark on, it reads on. */
  #hear(passage) {
    // Who wants to hear something of a chapter that is skipped wants to hear the chapter.
    for (const idx of [passage.block_idx, passage.end_block_idx]) this.#chapters.unfoldAround(idx);
    const places = spokenPlaces(passage, { blocks: this.#blocks, playlist: this.#playlist });
    if (places === null) this.#toast.show(NOTHING_SPOKEN);
    else if (passage.kind === "bookmark") {
      this.#player.playFrom(places.from.idx, { offset: places.from.offset });
    } else this.#player.playRange(places);
  }

  async #goTo(one) {
    if (matchMedia("(max-width: 48rem)").matches) this.#panel.close();
    const drawn = this.#blocks.draw(one.block_idx);
    this.#follower.visit(() => this.#boxOf(one), drawn);
    await drawn;
    this.#marker.point(one);
  }

  #boxOf(one) {
    const [first] = rangesOf(one, this.#blocks);
    return (first?.range ?? this.#blocks.element(one.block_idx))?.getBoundingClientRect() ?? null;
  }
}
