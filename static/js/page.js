import { systemClock } from "./clock.js";
import { ProgressBar } from "./controls/bar.js";
import { Controls } from "./controls/controls.js";
import { MediaKeys } from "./controls/media_keys.js";
import { SleepView } from "./controls/sleep_view.js";
import { VolumeView } from "./controls/volume_view.js";
import { ReadyAhead } from "./document/buffer.js";
import { Chapters } from "./document/chapters.js";
import { LookAhead } from "./document/look_ahead.js";
import { sentencesSpoken } from "./document/marks.js";
import { Pace } from "./document/pace.js";
import { Playlist } from "./document/playlist.js";
import { ImportView } from "./notices/import_view.js";
import { Notices } from "./notices/notices.js";
import { OtherPagesView } from "./notices/other_pages_view.js";
import { PlayerNotices } from "./notices/player_notices.js";
import { Preparation } from "./notices/preparation.js";
import { ReportView } from "./notices/report_view.js";
import { StatusLine } from "./notices/status.js";
import { StatusView } from "./notices/status_view.js";
import { Toast } from "./notices/toast.js";
import { Annotating } from "./panel/annotating.js";
import { Look } from "./panel/look.js";
import { Outline, readOutline } from "./panel/outline.js";
import { Panel } from "./panel/panel.js";
import { Player } from "./player/player.js";
import { SleepTimer } from "./player/sleep_timer.js";
import { Steps } from "./player/steps.js";
import { Volume } from "./player/volume.js";
import { Saver } from "./saver.js";
import { Connection } from "./session/connection.js";
import { OtherPages } from "./session/other_pages.js";
import { ReadingSession } from "./session/session.js";
import { fetchMarks } from "./sound/fetch_marks.js";
import { forgetKept, keptHere } from "./sound/kept_here.js";
import { Sounds, chooseSound } from "./sound/sound.js";
import { Address } from "./text/address.js";
import { Blocks } from "./text/blocks.js";
import { FocusMode } from "./text/focus_mode.js";
import { FoldedText } from "./text/folded_text.js";
import { Follower } from "./text/follow.js";
import { Highlighter } from "./text/highlight.js";
import { wordAt } from "./text/places.js";
import { Search } from "./text/search.js";
import { Favourites } from "./voices/favourites.js";
import { LanguageHint } from "./voices/language_hint.js";
import { VoicePicker } from "./voices/voice_picker.js";
import { entryOf } from "./voices/voices.js";

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
const importing = new ImportView({
  root: document,
  blocks,
  url: config.blocks_url,
  status: config.status,
  unit: config.part_unit || "parts",
});
const isWhole = () => !importing.isRunning && blocks.size >= session.blockCount;

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
const volume = new Volume(config.user.volume);
const player = new Player({
  session,
  playlist,
  sounds: new Sounds({ type: config.sound_types[sound], kept }),
  loadMarks: (url, options) => kept.json(url, () => fetchMarks(url, options)),
  sentences,
  pauseMs,
  sentencePauseMs,
  rewindMs: config.user.rewind_ms,
  volume,
  lookAhead: new LookAhead({
    playlist,
    durations: ready,
    pace,
    seconds: config.look_ahead_seconds,
  }),
  speed: config.user.speed,
  position: config.position,
});
const steps = new Steps({ player, durations: ready, playlist, sentences });

const notices = new Notices(find("notices"));
const panel = new Panel({ root: find("panel"), buttons: document.querySelectorAll("[data-panel]") });
const preferences = new Saver({
  url: config.preferences_url,
  token,
  about: { document: config.document_id },
});
const looks = new Saver({ url: config.look_url, token });
new Look({ form: find("look"), saver: looks });
const savers = [preferences, looks];
const picker = new VoicePicker({
  dialog: find("voice-dialog"),
  button: find("voice"),
  voices,
  favourites: new Favourites({ url: config.favourite_url, token, voices }),
  language: find("reading").dataset.language,
  previewUrl: `${config.preview_url}?sound=${sound}`,
});
const hint = new LanguageHint({ reading: find("reading"), voices, picker, notices });
const preparation = new Preparation({
  root: find("preparation"),
  button: find("prepare"),
  url: config.prepare_url,
  token,
  state: config.preparation,
  voice: () => ({ ...session.voice, name: entryOf(voices, session.voice)?.name ?? null, sound }),
});
const highlighter = new Highlighter({ player, blocks });
const follower = new Follower({
  player,
  blocks,
  highlighter,
  dock: find("above-player"),
  button: find("back-to-place"),
});
const address = new Address({ blocks, follower });
new Search({ root: find("panel"), panel, blocks, goTo: (idx) => address.goTo(idx) });
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
  volume,
  root: find("volume-row"),
  slider: find("volume"),
  button: find("mute"),
});
new Controls({
  player,
  steps,
  volume,
  chapters,
  root: document,
  acts: { ...annotating.keys, f: ({ repeat }) => repeat || focusMode.toggle() },
});
new SleepView({
  timer: new SleepTimer({ player, volume, chapterOf: (idx) => chapters.at(idx) }),
  left: find("sleep"),
  buttons: document.querySelectorAll("[data-sleep]"),
});
new MediaKeys({
  player,
  steps,
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
new PlayerNotices({ player, session, notices });
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
const foldedText = new FoldedText({ blocks, chapters, ready, player });
const outline = new Outline({ root: find("panel-contents"), player, chapters, ready, panel });
outline.addEventListener("went", () => {
  if (matchMedia("(max-width: 48rem)").matches) panel.close(); // It lies over the text there.
  follower.goBack();
});
if (chapters.list.length > 0) {
  const folds = new Saver({
    url: find("outline").dataset.url,
    token,
    onTrouble: () => notices.show({ kind: "fold", text: "What is skipped is not kept yet.", bad: true }),
  });
  chapters.addEventListener("change", () => folds.save({ folded: chapters.folded.join(",") }));
  savers.push(folds);
}
connection.addEventListener("open", saveAgain);
// Whoever goes to a paragraph that is skipped wants to hear it.
player.addEventListener("block", ({ detail }) => chapters.unfoldAround(detail.idx));

picker.show(session.voice);
hintAt(session.voice);
picker.addEventListener("change", ({ detail: { voice } }) => {
  hintAt(voice);
  player.changeVoice(voice);
  preferences.save(voice);
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
session.addEventListener("block", ({ detail: { idx, state } }) => blocks.paint(idx, state));
session.addEventListener("ready", () => {
  if (session.revision === config.revision) fetchBlocks();
  if (importing.isRunning) importing.look();
});
session.addEventListener("revised", () => location.reload());
session.addEventListener("progress", ({ detail }) => {
  if (detail.job === "import") importing.show(detail);
  else if (detail.job === "preparation") preparation.show(detail);
});

importing.addEventListener("change", () => (playlist.complete = isWhole()));
importing.addEventListener("language", () => hintAt(session.voice));

player.addEventListener("speed", ({ detail: { speed } }) => {
  preferences.save({ speed: speed.toFixed(1) });
});
volume.addEventListener("change", () => {
  if (volume.level !== config.user.volume) preferences.save({ volume: volume.level.toFixed(2) });
  config.user.volume = volume.level;
});

connection.addEventListener("refused", ({ detail: { reason } }) => {
  if (reason === "not-found") kept.dropDocument(config.document_id);
  else forgetKept();
});

addEventListener("online", () => connection.online());
addEventListener("online", saveAgain);
addEventListener("offline", () => connection.offline());
addEventListener("pagehide", () => player.pause());
addEventListener("pageshow", (event) => {
  if (event.persisted) session.comeBack();
});

connection.open();
fetchBlocks();
// Until here a press would have been lost.
for (const button of find("player").querySelectorAll(":disabled")) button.disabled = false;
if (address.open()) {
  history.scrollRestoration = "manual";
} else if (player.idx !== playlist.first) {
  // The place in the text counts, not how far the page was scrolled the last time.
  history.scrollRestoration = "manual";
  follower.goBack({ behavior: "instant" });
}
if (config.user.auto_play) player.play({ isAsked: false });

/** What was chosen while there was no connection. */
function saveAgain() {
  for (const saver of savers) saver.again();
}

/** Where voices follow the language, none is a wrong one. */
function hintAt(voice) {
  if (!config.user.own_voices) hint.show(voice);
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
