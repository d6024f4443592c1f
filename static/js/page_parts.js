import { SleepView } from "./controls/sleep_view.js";
import { Preparation } from "./notices/preparation.js";
import { ReportView } from "./notices/report_view.js";
import { Along } from "./panel/along.js";
import { Annotating } from "./panel/annotating.js";
import { Look } from "./panel/look.js";
import { Outline } from "./panel/outline.js";
import { Panel } from "./panel/panel.js";
import { Pronouncing } from "./panel/pronouncing.js";
import { Queue } from "./player/queue.js";
import { SleepTimer } from "./player/sleep_timer.js";
import { Saver } from "./saver.js";
import { Ways, portOf } from "./session/http/ways.js";
import { Search } from "./text/search.js";
import { Favourites } from "./voices/favourites.js";
import { LanguageHint } from "./voices/language_hint.js";
import { entryOf } from "./voices/voice.js";
import { VoicePicker } from "./voices/voice_picker.js";

/**
 * Make what stands beside the text and the player, none of which is needed to read and to play: the
 * page loads it later. Takes the parts of the page; returns those of its own that the page uses.
 */
export function furnish(page) {
  const { find, root } = page;
  const panel = new Panel({
    root: find("panel"),
    buttons: root.querySelectorAll("[data-panel]"),
  });
  chooseWay(page);
  setTheStage(page);
  followQueue(page);
  const preparation = prepare(page);
  const annotating = annotate(page, panel);
  chooseVoices(page);
  chooseLook(page);
  showContents(page, panel);
  showReport(page, panel);
  takeAlong(page, panel);
  const { address, blocks, chapters, player, volume } = page;
  new Search({ root: find("panel"), panel, blocks, goTo: (idx) => address.goTo(idx) });
  new SleepView({
    timer: new SleepTimer({ player, volume, chapterOf: (idx) => chapters.at(idx) }),
    left: find("sleep"),
    buttons: root.querySelectorAll("[data-sleep]"),
  });
  return { preparation, keys: annotating.keys };
}

/** Where no socket passes, the page goes by HTTP. */
function chooseWay({ config, connection, url, sound, token }) {
  new Ways({
    connection,
    url,
    standin: {
      opening: { document: config.document_id, sound },
      address: config.events_url,
      token,
    },
    createPort: () => portOf(config.line_url),
  });
}

/** Let our links change what is shown, and leave what plays as it is: see stage.js. */
function setTheStage({ config }) {
  const src = config.stage_url;
  if (document.querySelector(`script[src="${src}"]`) !== null) return;
  document.head.append(Object.assign(document.createElement("script"), { type: "module", src }));
}

/** After this document comes what is next in the queue: the stage has it ready, and begins it. */
function followQueue({ config, player, playlist, root, sound, token, toast }) {
  const urls = { ready: config.queue_ready_url, next: config.queue_next_url };
  const tell = (type, detail) =>
    root.dispatchEvent(new CustomEvent(`lectern:${type}`, { detail, cancelable: true }));
  const queue = new Queue({
    player,
    playlist,
    ask: async (what) => {
      const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
      const body = JSON.stringify({ sound });
      const answer = await fetch(urls[what], { method: "POST", headers, body });
      if (!answer.ok) throw new Error(`${answer.status}`);
      return answer.json();
    },
    prepare: (address) => tell("prepare", { address }),
    begin: (address, place) => !tell("begin", { address, place }),
    go: (address) => location.assign(address),
  });
  queue.addEventListener("next", ({ detail: { title } }) => toast.show(`Next: ${title}`), { once: true });
}

function chooseVoices(page) {
  const { find, config, voices, token, sound, session, player, notices, importing } = page;
  const { preferences, savers } = page;
  const { language } = find("reading").dataset;
  const picker = new VoicePicker({
    dialog: find("voice-dialog"),
    button: find("voice"),
    voices,
    favourites: new Favourites({ url: config.favourite_url, token, voices }),
    language,
    previewUrl: `${config.preview_url}?sound=${sound}`,
  });
  const hint = new LanguageHint({ reading: find("reading"), voices, picker, notices });
  // Where voices follow the language, none is a wrong one.
  const hintAt = (voice) => config.user.own_voices || hint.show(voice);
  picker.show(session.voice);
  hintAt(session.voice);
  const choose = (voice) => {
    hintAt(voice);
    player.changeVoice(voice);
    preferences.save(voice);
  };
  picker.addEventListener("change", ({ detail: { voice } }) => choose(voice));
  offerVoice({ find, notices, session, token, savers, choose });
  picker.addEventListener("sample", () => player.pause());
  session.addEventListener("voice", ({ detail: { voice } }) => picker.show(voice));
  importing.addEventListener("language", () => hintAt(session.voice));
}

/** Who listens to a robot, and may not know that there is a natural voice by now, is told so once. */
function offerVoice({ find, notices, session, token, savers, choose }) {
  const offer = find("voice-offer");
  if (offer === null) return;
  const { name, url, ...voice } = JSON.parse(offer.textContent);
  const saver = new Saver({ url, token });
  savers.push(saver);
  const end = () => saver.save({ ended: true });
  notices.show({
    kind: "offer",
    text: "There is a natural voice now.",
    stays: true,
    action: {
      label: `Try ${name}`,
      run: () => {
        choose(voice);
        end();
      },
    },
    dismiss: end,
  });
  session.addEventListener("voice", () => notices.hide("offer")); // They chose another one meanwhile.
}

function chooseLook({ find, config, token, savers }) {
  const saver = new Saver({ url: config.look_url, token });
  savers.push(saver);
  new Look({ form: find("look"), saver });
}

function annotate(page, panel) {
  const { find, config, token, player, playlist, blocks, toast, chapters } = page;
  const { follower, revisions, root } = page;
  const dialog = find("say-dialog");
  return new Annotating({
    pronouncing: new Pronouncing({
      dialog,
      player,
      playlist,
      blocks,
      chapters,
      revisions,
      token,
      toast,
    }),
    player,
    playlist,
    blocks,
    panel,
    toast,
    chapters,
    follower,
    url: config.annotations_url,
    token,
    root,
  });
}

function prepare({ find, config, voices, token, sound, session }) {
  return new Preparation({
    root: find("preparation"),
    button: find("prepare"),
    url: config.prepare_url,
    token,
    state: config.preparation,
    voice: () => ({ ...session.voice, name: entryOf(voices, session.voice)?.name ?? null, sound }),
  });
}

function showContents({ find, player, chapters, ready, follower }, panel) {
  const outline = new Outline({ root: find("panel-contents"), player, chapters, ready, panel });
  outline.addEventListener("went", () => {
    if (matchMedia("(max-width: 48rem)").matches) panel.close(); // It lies over the text there.
    follower.goBack();
  });
}

/** Its style sheets come with its first opening. */
function takeAlong({ find }, panel) {
  const root = find("along");
  const along = new Along({ root, url: root.dataset.url });
  const part = find("panel-along");
  panel.addEventListener("opened", ({ detail: { name } }) => {
    if (name !== "along") return;
    for (const href of part.dataset.styles?.split(" ") ?? []) {
      document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
    }
    delete part.dataset.styles;
    along.show();
  });
  panel.addEventListener("closed", ({ detail: { name } }) => {
    if (name === "along") along.hide();
  });
}

function showReport({ find, voices, connection, session, player, ready, pace }, panel) {
  new ReportView({
    root: find("report"),
    panel,
    connection,
    session,
    player,
    ready,
    pace,
    names: (voice) => {
      const { name = null, model_name: model = null } = entryOf(voices, voice) ?? {};
      return { voice: name, model };
    },
    preparation: () => find("preparation-words").textContent,
  });
}
