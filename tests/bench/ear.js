// Hears what a page sounds like, to a quantum of 128 samples: when it becomes loud (a sample above
// -40 dB) and when it falls quiet, and the same at -46 dB, which is all that can be heard. All times are in ms on the clock of the samples. Loaded before
// the page's own scripts.
(() => {
  if (!window.isSecureContext) return; // the empty page before the first
  const WORKLET = `
    const LEVELS = [0.01, 0.005];
    class Ear extends AudioWorkletProcessor {
      is = [false, false];
      process([[input]]) {
        let peak = 0;
        for (const sample of input ?? []) peak = Math.max(peak, Math.abs(sample));
        LEVELS.forEach((level, n) => {
          const is = peak > level;
          if (is !== this.is[n]) this.port.postMessage([n, currentTime * 1000, is]);
          this.is[n] = is;
        });
        return true;
      }
    }
    registerProcessor("ear", Ear);
  `;
  const NativeAudio = window.Audio;
  const context = new AudioContext({ latencyHint: "interactive" });
  const mix = new GainNode(context);
  const loud = [];
  const audible = [];
  const url = URL.createObjectURL(new Blob([WORKLET], { type: "text/javascript" }));
  const started = context.audioWorklet.addModule(url).then(() => {
    const worklet = new AudioWorkletNode(context, "ear");
    worklet.port.onmessage = ({ data: [n, at, is] }) => [loud, audible][n].push([at, is]);
    mix.connect(worklet).connect(context.destination);
  });
  for (const gesture of ["pointerdown", "keydown"]) {
    addEventListener(gesture, () => context.resume(), { capture: true });
  }
  let pressed = null;
  addEventListener("click", () => (pressed = context.currentTime * 1000), { capture: true });
  window.Audio = function (src) {
    const element = new NativeAudio();
    context.createMediaElementSource(element).connect(mix);
    if (src !== undefined) element.src = src;
    return element;
  };
  const words = [];
  if (window.Highlight) {
    const { add } = Highlight.prototype;
    Highlight.prototype.add = function (range) {
      words.push([context.currentTime * 1000, range.toString()]);
      return add.call(this, range);
    };
  }
  const isOpen = () => context.state === "running";
  window.ear = { loud, audible, words, started, pressed: () => pressed, isOpen };
})();
