// The witness of the sound: routes every audio element of the page through an AudioWorklet that
// tells, for each 10 ms of what comes out, which of the tones it is. Loaded before the page's own
// scripts.
(() => {
  if (!window.isSecureContext) return; // the empty page before the first
  const FREQUENCIES = [300, 500, 700, 1100, 1300];
  const WORKLET = `
    const FREQUENCIES = ${JSON.stringify(FREQUENCIES)};
    const WINDOW = 512;
    const SILENT = 0.004;
    class Witness extends AudioWorkletProcessor {
      samples = new Float32Array(WINDOW);
      filled = 0;
      heard = [];
      process([[input]]) {
        const frames = input ?? new Float32Array(128);
        for (const sample of frames) {
          this.samples[this.filled++] = sample;
          if (this.filled === WINDOW) {
            this.heard.push(this.judge());
            this.filled = 0;
          }
        }
        if (this.heard.length >= 4) {
          this.port.postMessage({ at: currentTime, step: WINDOW / sampleRate, heard: this.heard });
          this.heard = [];
        }
        return true;
      }
      judge() {
        let energy = 0;
        for (const sample of this.samples) energy += sample * sample;
        if (Math.sqrt(energy / WINDOW) < SILENT) return 0;
        let best = 0;
        let most = 0;
        for (const frequency of FREQUENCIES) {
          const power = goertzel(this.samples, frequency);
          if (power > most) [best, most] = [frequency, power];
        }
        // Below zero: sound, but no one tone carries it; the strongest is told all the same.
        return most > 0.5 * energy ? best : -best;
      }
    }
    function goertzel(samples, frequency) {
      const step = (2 * Math.PI * frequency) / sampleRate;
      let re = 0;
      let im = 0;
      for (let n = 0; n < samples.length; n++) {
        re += samples[n] * Math.cos(step * n);
        im += samples[n] * Math.sin(step * n);
      }
      return (2 * (re * re + im * im)) / samples.length;
    }
    registerProcessor("witness", Witness);
  `;
  const NativeAudio = window.Audio;
  const context = new AudioContext();
  const mix = new GainNode(context);
  const heard = [];
  // The clock of the samples, in ms: what was played before a moment is told from what came after.
  const now = () => context.currentTime * 1000;
  const playing = new Set();
  const elements = [];
  const look = ({ readyState, networkState, paused, currentTime, duration, src, error }) =>
    `${readyState} ${networkState} ${paused} ${currentTime}/${duration} ${src} ${error?.message}`;
  let together = 0;
  const url = URL.createObjectURL(new Blob([WORKLET], { type: "text/javascript" }));
  const started = context.audioWorklet.addModule(url).then(() => {
    const worklet = new AudioWorkletNode(context, "witness");
    worklet.port.onmessage = ({ data }) => {
      data.heard.forEach((what, n) => {
        heard.push([(data.at - (data.heard.length - n) * data.step) * 1000, what]);
      });
      witness.step = data.step * 1000;
    };
    mix.connect(worklet).connect(context.destination);
  });
  for (const gesture of ["pointerdown", "keydown"]) {
    addEventListener(gesture, () => context.resume(), { capture: true });
  }
  window.Audio = function (src) {
    const element = new NativeAudio();
    context.createMediaElementSource(element).connect(mix);
    elements.push(element);
    element.addEventListener("playing", () => {
      playing.add(element);
      // A single sample that unlocks playback is no sound to be heard.
      if (element.duration > 0.05 || !Number.isFinite(element.duration)) {
        together = Math.max(together, [...playing].filter((e) => e.duration > 0.05).length);
      }
    });
    for (const type of ["pause", "ended", "emptied"]) {
      element.addEventListener(type, () => playing.delete(element));
    }
    if (src !== undefined) element.src = src;
    return element;
  };
  const blocks = [];
  const note = () => {
    const current = document.querySelector(".block--current");
    const idx = current ? Number(current.dataset.idx) : null;
    if (idx !== null && blocks.at(-1)?.[1] !== idx) blocks.push([now(), idx]);
  };
  addEventListener("DOMContentLoaded", () => {
    note();
    new MutationObserver(note).observe(document.body, {
      subtree: true,
      attributes: true,
      attributeFilter: ["class"],
    });
  });
  const words = [];
  const NativeHighlight = window.Highlight;
  if (NativeHighlight) {
    const add = NativeHighlight.prototype.add;
    NativeHighlight.prototype.add = function (range) {
      words.push([now(), range.toString()]);
      return add.call(this, range);
    };
  }
  const witness = { now, heard, blocks, words, started, step: 0, together: () => together };
  witness.elements = () => elements.map(look);
  window.witness = witness;
})();
