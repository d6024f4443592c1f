import { systemClock } from "./clock.js";
import { ProgressBar } from "./controls/bar.js";
import { Controls } from "./controls/controls.js";
import { MediaKeys } from "./controls/media_keys.js";
import { VolumeView } from "./controls/volume_view.js";
import { ReadyAhead } from "./document/buffer.js";
import { Chapters } from "./document/chapters.js";
import { LookAhead } from "./document/look_ahead.js";
import { Pace } from "./document/pace.js";
import { Playlist } from "./document/playlist.js";
import { Revisions } from "./document/revisions.js";
import { Later } from "./later.js";
import { atEnd, listen, whenShown } from "./life.js";
import { ImportView } from "./notices/import_view.js";
import { Notices } from "./notices/notices.js";
import { OtherPagesView } from "./notices/other_pages_view.js";
import { PlayerNotices } from "./notices/player_notices.js";
import { SpokenByView } from "./notices/spoken_by_view.js";
import { StatusLine } from "./notices/status.js";
import { StatusView } from "./notices/status_view.js";
import { Toast } from "./notices/toast.js";
import { onPage } from "./pages.js";
import { readOutline } from "./panel/outline_lines.js";
import { Player } from "./player/player.js";
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
import { wordAt } from "./text/word_at.js";
import { shownName } from "./voices/voice.js";

const log = (what, fields) => console.debug(what, fields);

onPage("#reading", read);

/** Put together what a reading page needs at once; returns what the stage has to know of it. */
function read(root, { life }) {
  const find = (id) => root.querySelector(`#${id}`);
  const data = (id) => JSON.parse(find(id).textContent);

  const config = data("reading-config");
  const voices = data("voices");
  const token = root.querySelector("[name=csrfmiddlewaretoken]").value;

  const sound = chooseSound(config.sound_types);
  const blocks = new Blocks({
    root: find("blocks"),
    url: config.blocks_url,
    indexUrl: config.index_url,
    lengths: config.lengths,
  });
  const sentences = (idx) => blocks.sentences(idx);
  // One that is put aside is loaded anew when somebody comes back to it.
  const reload = () => life.onWaking(() => location.reload());
  const importing = new ImportView({
    root,
    blocks,
    url: config.blocks_url,
    status: config.status,
    unit: config.part_unit || "parts",
    reload,
  });
  const isWhole = () => !importing.isRunning && blocks.size >= session.blockCount;

  const url = `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${config.socket_path}?sound=${sound}`;
  const connection = new Connection({ url });
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
    followsRevisions: true,
  });
  const revisions = new Revisions({
    session,
    blocks,
    playlist,
    player,
    reload,
  });
  const steps = new Steps({ player, durations: ready, playlist, sentences });

  const notices = new Notices(find("notices"));
  const preferences = new Saver({
    url: config.preferences_url,
    token,
    about: { document: config.document_id },
  });
  const savers = [preferences];
  let hasArrived = false;
  const highlighter = new Highlighter({ player, blocks });
  const follower = new Follower({
    player,
    blocks,
    highlighter,
    dock: find("above-player"),
    button: find("back-to-place"),
  });
  const address = new Address({ blocks, follower });
  const toast = new Toast(find("toast"));
  const focusMode = new FocusMode({
    buttons: root.querySelectorAll("[data-focus-mode]"),
    say: (text) => toast.show(text),
  });
  const later = new Later({
    load: () => import("./page_parts.js"),
    make: ({ furnish }) => life.make(() => furnish(parts)),
    selector: "#voice, #prepare, [data-panel], [data-bookmark], [data-sleep]",
    root,
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
    root,
    acts: { ...keysLater("b", "h", "n", "r", "w"), f: ({ repeat }) => repeat || focusMode.toggle() },
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
  new ProgressBar({ player, session, ready, root });
  new StatusView({
    line: new StatusLine({ connection, session, player, pace }),
    text: find("status"),
    button: find("status-action"),
    acts: {
      "retry": () => player.retry(player.idx),
      "sign-in": reload,
      reload,
      "library": () => location.assign("/"),
    },
  });
  new SpokenByView({ player, session, voices, root: find("spoken-by") });
  new PlayerNotices({ player, session, notices });
  // What is loaded later is made of.
  const parts = {
    address,
    blocks,
    chapters,
    config,
    connection,
    find,
    follower,
    importing,
    notices,
    pace,
    player,
    playlist,
    preferences,
    ready,
    revisions,
    root,
    savers,
    session,
    sound,
    toast,
    token,
    url,
    voices,
    volume,
  };
  const foldedText = new FoldedText({ blocks, chapters, ready, player });
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

  blocks.onPress({
    play: (idx, press) =>
      player.playFrom(idx, press ? wordAt(press.clientX, press.clientY, idx, blocks) : {}),
    retry: (idx) => player.retry(idx),
  });

  find("voice-name").textContent = shownName(voices, session.voice);
  session.addEventListener("voice", ({ detail: { voice } }) => {
    find("voice-name").textContent = shownName(voices, voice);
  });
  blocks.addEventListener("drawn", ({ detail: { first, last } }) => {
    for (let idx = first; idx <= last; idx += 1) blocks.paint(idx, session.stateOf(idx));
  });
  session.addEventListener("reset", () => blocks.paintAll(session.states()));
  session.addEventListener("block", ({ detail: { idx, state } }) => blocks.paint(idx, state));
  session.addEventListener("ready", () => {
    if (session.revision === revisions.revision) fetchBlocks();
    if (importing.isRunning) importing.look();
  });
  revisions.addEventListener("renewed", () => {
    foldedText.update();
    fetchBlocks();
  });
  session.addEventListener("progress", ({ detail }) => {
    if (detail.job === "import") importing.show(detail);
    else if (detail.job === "preparation") showPreparation(detail);
  });

  importing.addEventListener("change", () => (playlist.complete = isWhole()));
  later.addEventListener("failed", () => {
    notices.show({
      kind: "later",
      text: "This part of the page could not be loaded. Try again when the connection is back.",
      bad: true,
    });
  });

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

  const away = { away: true };
  listen(globalThis, "online", () => connection.online(), away);
  listen(globalThis, "online", saveAgain, away);
  listen(globalThis, "offline", () => connection.offline(), away);
  listen(globalThis, "pagehide", () => player.pause(), away);
  listen(globalThis, "pageshow", ({ persisted }) => persisted && session.comeBack(), away);
  atEnd(() => {
    player.pause(); // The place is kept.
    player.stop();
    connection.close();
  });

  connection.open();
  if (!navigator.onLine) connection.offline();
  fetchBlocks();
  // Until here a press would have been lost.
  for (const button of find("player").querySelectorAll(":disabled")) button.disabled = false;
  whenShown(arrive);
  later.whenIdle();

  return { player };

  /** It is shown: where the person is comes into view, and plays if that is asked for. */
  function arrive() {
    const isNew = !hasArrived;
    hasArrived = true;
    // Who found something in the library hears it from there; so does the queue go on.
    const plays = location.search === "?play=1";
    const to = address.idx ?? (isNew ? player.idx : null);
    const isThere = player.wantsSound && player.idx === to;
    if (plays && to !== null && to < session.blockCount && !isThere) player.goTo(to);
    if (address.open()) {
      history.scrollRestoration = "manual";
    } else if (player.idx !== playlist.first || !isNew) {
      // The place in the text counts, not how far the page was scrolled the last time.
      history.scrollRestoration = "manual";
      follower.goBack({ behavior: "instant" });
    }
    const begins = isNew && (config.user.auto_play || location.hash === "#play");
    const asks = plays && (isNew || address.idx !== null);
    if ((begins || asks) && !player.wantsSound) player.play({ isAsked: false });
  }

  /** What was chosen while there was no connection. */
  function saveAgain() {
    for (const saver of savers) saver.again();
  }

  /** What these keys do is loaded later, and is done to what was spoken at the press. */
  function keysLater(...keys) {
    const press = (key) => (event) => {
      const { idx, positionMs, durationMs, litMarks, startsAt } = player;
      const spoken = { idx, positionMs, durationMs, litMarks, startsAt };
      later.use((parts) => parts.keys[key](event, spoken));
    };
    return Object.fromEntries(keys.map((key) => [key, press(key)]));
  }

  function showPreparation(progress) {
    later.parts().then(
      ({ preparation }) => preparation.show(progress),
      () => (config.preparation = { ...config.preparation, ...progress }), // for when it is there
    );
  }

  /** Headings stand apart from what follows. */
  function pauseMs(idx) {
    const kind = blocks.kind(idx);
    return kind === "heading" ? config.user.heading_pause_ms : config.user.pause_ms;
  }

  function fetchBlocks() {
    blocks.bringIn(session.blockCount, (added) => {
      playlist.add(added);
      foldedText.update();
    }).then(() => {
      playlist.complete = isWhole();
    });
  }
}
