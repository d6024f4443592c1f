import { Annotating } from "./annotating.js";
import { ProgressBar } from "./bar.js";
import { Blocks } from "./blocks.js";
import { ReadyAhead } from "./buffer.js";
import { Chapters } from "./chapters.js";
import { systemClock } from "./clock.js";
import { Connection } from "./connection.js";
import { Controls } from "./controls.js";
import { Favourites } from "./favourites.js";
import { FoldKeeper } from "./fold_keeper.js";
import { FoldedText } from "./folded_text.js";
import { FocusMode } from "./focus_mode.js";
import { Follower } from "./follow.js";
import { Highlighter } from "./highlight.js";
import { forgetKept, keptHere } from "./kept_here.js";
import { sentencesSpoken } from "./marks.js";
import { LookAhead } from "./look_ahead.js";
import { Look } from "./look.js";
import { MediaKeys } from "./media_keys.js";
import { Notices } from "./notices.js";
import { Outline, readOutline } from "./outline.js";
import { OtherPages } from "./other_pages.js";
import { OtherPagesView } from "./other_pages_view.js";
import { Pace } from "./pace.js";
import { Panel } from "./panel.js";
import { VoicePicker } from "./picker.js";
import { wordAt } from "./places.js";
import { Player } from "./player.js";
import { Playlist } from "./playlist.js";
import { Preparation } from "./preparation.js";
import { Preferences } from "./preferences.js";
import { ReportView } from "./report_view.js";
import { Search } from "./search.js";
import { ReadingSession } from "./session.js";
import { SleepTimer } from "./sleep_timer.js";
import { SleepView } from "./sleep_view.js";
import { Sounds, chooseSound } from "./sound.js";
import { StatusLine } from "./status.js";
import { StatusView } from "./status_view.js";
import { Toast } from "./toast.js";
import { VolumeView } from "./volume_view.js";

const find = (id) => document.getElementById(id);
const data = (id) => JSON.parse(find(id).textContent);

const config = data("reading-config");
const voices = data("voices");
const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
const log = (what, fields) => console.debug(what, fields);

const sound = chooseSound(config.sound_types);
const blocks = new Blocks({
  root: find("blocks"),
  url: config.blocks_url,
  indexUrl: config.index_url,
  lengths: config.lengths,
});
const isWhole = () => config.status !== "importing" && blocks.size >= session.blockCount;

const connection = new Connection({
  url: `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${config.socket_path}?sound=${sound}`,
});
const session = new ReadingSession({
  connection,
  documentId: config.document_id,
  revision: config.revision,
  blockCount: config.block_count,
  voice: config.voice,
  log,
});
const playlist = new Playlist(blocks.entries(), { complete: isWhole() });
const chapters = new Chapters({
  entries: readOutline(find("panel-contents")),
  folded: JSON.parse(find("outline")?.dataset.folded ?? "[]"),
  playlist,
});
const { sentence_pause_ms: sentencePauseMs } = config.user;
const ready = new ReadyAhead({ session, playlist, pauseMs, sentencePauseMs });
const pace = new Pace({ session, known: config.paces, clock: systemClock });
const kept = keptHere(config.user, config.document_id);
const player = new Player({
  session,
  playlist,
  sounds: new Sounds({ type: config.sound_types[sound], kept }),
  loadMarks: (url, options) => kept.json(url, () => loadMarks(url, options)),
  sentences,
  pauseMs,
  sentencePauseMs,
  rewindMs: config.user.rewind_ms,
  volume: config.user.volume,
  lookAhead: new LookAhead({
    playlist,
    durations: ready,
    pace,
    seconds: config.look_ahead_seconds,
  }),
  speed: config.user.speed,
  position: config.position,
});

const notices = new Notices(find("notices"));
const panel = new Panel({ root: find("panel"), buttons: document.querySelectorAll("[data-panel]") });
const preferences = new Preferences({
  url: config.preferences_url,
  document: config.document_id,
  token,
});
new Search({ root: find("panel"), panel, blocks, goTo });
new Look({
  form: find("look"),
  preferences: new Preferences({
    url: config.look_url,
    token,
  }),
});
const picker = new VoicePicker({
  dialog: find("voice-dialog"),
  button: find("voice"),
  voices,
  favourites: new Favourites({ url: config.favourite_url, token, voices }),
  language: find("reading").dataset.language,
  previewUrl: `${config.preview_url}?sound=${sound}`,
});
const preparation = new Preparation({
  root: find("preparation"),
  button: find("prepare"),
  url: config.prepare_url,
  token,
  state: config.preparation,
  voice: () => ({ ...session.voice, name: picker.nameOf(session.voice), sound }),
});
const highlighter = new Highlighter({ player, blocks });
const follower = new Follower({
  player,
  blocks,
  highlighter,
  dock: find("above-player"),
  button: find("back-to-place"),
});
const toast = new Toast(find("toast"));
const annotating = new Annotating({
  player,
  playlist,
  blocks,
  panel,
  toast,
  chapters,
  follower,
  url: config.annotations_url,
  token,
  root: document,
});
const focusMode = new FocusMode({
  buttons: document.querySelectorAll("[data-focus-mode]"),
  say: (text) => toast.show(text),
});
new VolumeView({
  player,
  root: find("volume-row"),
  slider: find("volume"),
  button: find("mute"),
});
new Controls({
  player,
  chapters,
  root: document,
  acts: { ...annotating.keys, f: ({ repeat }) => repeat || focusMode.toggle() },
});
new SleepView({
  timer: new SleepTimer({ player, chapterOf: (idx) => chapters.at(idx) }),
  left: find("sleep"),
  buttons: document.querySelectorAll("[data-sleep]"),
});
new MediaKeys({
  player,
  ready,
  title: () => find("title").textContent,
  artist: config.author,
  chapter: (idx) => chapters.titleAt(idx),
  artwork: config.artwork,
});
new OtherPagesView({ others: new OtherPages({ session, player }), root: find("elsewhere") });
new ProgressBar({ player, session, ready, root: document });
new StatusView({
  line: new StatusLine({ connection, session, player, pace }),
  text: find("status"),
  button: find("status-action"),
  acts: {
    "retry": () => player.retry(player.idx),
    "sign-in": () => location.reload(),
    "reload": () => location.reload(),
    "library": () => location.assign("/"),
  },
});

new ReportView({
  root: find("report"),
  panel,
  connection,
  session,
  player,
  ready,
  pace,
  names: (voice) => ({ voice: picker.nameOf(voice), model: picker.modelNameOf(voice) }),
  preparation: () => find("preparation-words").textContent,
});
const foldedText = new FoldedText({ blocks, chapters, ready, player });
const outline = new Outline({ root: find("panel-contents"), player, chapters, ready, panel });
outline.addEventListener("went", () => {
  if (matchMedia("(max-width: 48rem)").matches) panel.close(); // It lies over the text there.
  follower.goBack();
});
if (chapters.list.length > 0) {
  new FoldKeeper({
    chapters,
    url: find("outline").dataset.url,
    token,
    onTrouble: () =>
      notices.show({ kind: "fold", text: "What is skipped could not be kept.", bad: true }),
  });
}
// Whoever goes to a paragraph that is skipped wants to hear it.
player.addEventListener("block", ({ detail }) => chapters.unfoldAround(detail.idx));

picker.show(session.voice);
suggestVoice(session.voice);
picker.addEventListener("change", (event) => {
  const { voice } = event.detail;
  suggestVoice(voice);
  player.changeVoice(voice);
  preferences.keep(voice);
});
picker.addEventListener("sample", () => player.pause());
blocks.onPress({
  play: (idx, press) =>
    player.playFrom(idx, press ? wordAt(press.clientX, press.clientY, idx, blocks) : {}),
  retry: (idx) => player.retry(idx),
});

session.addEventListener("voice", ({ detail: { voice } }) => picker.show(voice));
blocks.addEventListener("drawn", ({ detail: { first, last } }) => {
  for (let idx = first; idx <= last; idx += 1) blocks.paint(idx, session.stateOf(idx));
});
session.addEventListener("reset", () => blocks.paintAll(session.states()));
session.addEventListener("block", ({ detail: { idx, state } }) => {
  blocks.paint(idx, state);
  if (state?.status === "cached" && failedIdx === idx) notices.hide("failed");
});
session.addEventListener("ready", () => {
  if (session.revision === config.revision) fetchBlocks();
  if (config.status === "importing") lookHowImportStands();
});
session.addEventListener("revised", () => location.reload());
session.addEventListener("progress", ({ detail }) => {
  if (detail.job === "import") showImport(detail);
  else if (detail.job === "preparation") preparation.show(detail);
});

let failedIdx = null;
player.addEventListener("failed", ({ detail: { idx, message } }) => {
  failedIdx = idx;
  notices.show({
    kind: "failed",
    text: `Paragraph ${idx + 1} could not be read aloud: the next one follows. ${message}`,
    bad: true,
    action: { label: "Try again", run: () => player.retry(idx) },
  });
});
player.addEventListener("state", ({ detail: { state } }) => {
  if (state === "needs-gesture") {
    notices.show({
      kind: "gesture",
      text: "Press play to begin: the browser wants to be asked first.",
      stays: true,
      action: { label: "Play", run: () => player.play() },
    });
  } else {
    notices.hide("gesture");
  }
});
player.addEventListener("speed", ({ detail: { speed } }) => {
  preferences.keep({ speed: speed.toFixed(1) });
});
player.addEventListener("volume", ({ detail: { volume } }) => {
  if (volume !== config.user.volume) preferences.keep({ volume: volume.toFixed(2) });
  config.user.volume = volume;
});

connection.addEventListener("refused", ({ detail: { reason } }) => {
  if (reason === "not-found") kept.dropDocument(config.document_id);
  else forgetKept();
});

addEventListener("online", () => connection.online());
addEventListener("offline", () => connection.offline());
addEventListener("pagehide", () => player.leave());
addEventListener("pageshow", (event) => {
  if (event.persisted) session.comeBack();
});

connection.open();
fetchBlocks();
// Until here a press would have been lost.
for (const button of find("player").querySelectorAll(":disabled")) button.disabled = false;
addEventListener("hashchange", goToAddress);
if (goToAddress()) {
  history.scrollRestoration = "manual";
} else if (player.idx !== playlist.first) {
  // The place in the text counts, not how far the page was scrolled the last time.
  history.scrollRestoration = "manual";
  follower.goBack({ behavior: "instant" });
}
if (config.user.auto_play) player.play({ isAsked: false });

/** A voice of another language than the text's is hard to follow: say so, and offer others. */
function suggestVoice(voice) {
  const { language } = find("reading").dataset;
  const spoken = picker.languageOf(voice);
  const base = (tag) => tag.split("-")[0].toLowerCase();
  notices.hide("language");
  if (!language || spoken === null || base(spoken) === base(language)) return;
  if (!picker.speaks(language) || config.user.own_voices) return;
  const names = new Intl.DisplayNames("en", { type: "language" });
  const name = names.of(base(language));
  notices.show({
    kind: "language",
    text: `This is written in ${name}, and the voice speaks ${names.of(base(spoken))}.`,
    stays: true,
    action: { label: `Choose a voice for ${name}`, run: () => picker.openFor(language) },
  });
}

async function loadMarks(url, { signal }) {
  const response = await fetch(url, { signal });
  if (!response.ok) {
    throw Object.assign(new Error(`HTTP ${response.status}`), { status: response.status });
  }
  return (await response.json()).marks;
}

/** Bring a block into view, wherever it is; `#block-N` says the same in an address. */
async function goTo(idx) {
  follower.yield();
  const element = await blocks.draw(idx);
  element?.scrollIntoView({ block: "center", behavior: "instant" });
}

function goToAddress() {
  const [, idx] = location.hash.match(/^#block-(\d{1,9})$/) ?? [];
  if (idx !== undefined) goTo(Number(idx));
  return idx !== undefined;
}

/** Headings stand apart from what follows. */
function pauseMs(idx) {
  const kind = blocks.kind(idx);
  return kind === "heading" ? config.user.heading_pause_ms : config.user.pause_ms;
}

function sentences(idx) {
  return sentencesSpoken(blocks.spans(idx), blocks.text(idx), blocks.language(idx));
}

function fetchBlocks() {
  blocks.bringIn(session.blockCount, (added) => {
    playlist.add(added);
    foldedText.update();
  }).then(() => {
    playlist.complete = isWhole();
  });
}

/** The import may have ended between the making of this page and the opening of its socket. */
async function lookHowImportStands() {
  try {
    const response = await fetch(`${config.blocks_url}?from=${blocks.size}`, { method: "HEAD" });
    const status = response.headers.get("Document-Status");
    const told = (name) => decodeURIComponent(response.headers.get(`Document-${name}`) ?? "");
    showTitle(told("Title"));
    showLanguage(told("Language"));
    if (status === "ready") showImport({ status: "done", error: "" });
    else if (status === "failed") location.reload();
  } catch {
    // The next `ready`, after the connection is there again, looks again.
  }
}

function showTitle(title) {
  if (title === "") return;
  find("title").textContent = title;
  // A document that begins with its title does not say it twice.
  const isSaid = blocks.kind(0) === "heading" && blocks.text(0) === title;
  find("reading").classList.toggle("reading--titled", isSaid);
}

function showLanguage(language) {
  const { dataset } = find("reading");
  if (language === "" || dataset.language === language) return;
  dataset.language = language;
  suggestVoice(session.voice);
}

function showImport({ status, error, done, total }) {
  if (status === "running" && total > 0) {
    find("import-parts").textContent = `${done} of ${total} ${config.part_unit || "parts"}`;
  }
  config.status = { done: "ready", error: "failed" }[status] ?? "importing";
  find("reading").dataset.status = config.status;
  find("importing").hidden = config.status !== "importing";
  find("prepare").hidden = config.status !== "ready";
  find("import-failed").hidden = config.status !== "failed";
  find("import-error").textContent = error;
  playlist.complete = isWhole();
}
