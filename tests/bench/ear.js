// Hears what a page sounds like, to a quantum of 128 samples: when it becomes loud (a sample above
// -40 dB) and when it falls quiet. All times are in ms on the clock of the samples. Loaded before
// the page's own scripts.
(() => {
  if (!window.isSecureContext) return; // the empty page before the first
  const WORKLET = `
    const LOUD = 0.01;
    class Ear extends AudioWorkletProcessor {
      isLoud = false;
      process([[input]]) {
        const isLoud = (input ?? []).some((sample) => Math.abs(sample) > LOUD);
        if (isLoud !== this.isLoud) this.port.postMessage([currentTime * 1000, isLoud]);
        this.isLoud = isLoud;
        return true;
      }
    }
    registerProcessor("ear", Ear);
  `;
  const NativeAudio = window.Audio;
  const context = new AudioContext({ latencyHint: "interactive" });
  const mix = new GainNode(context);
  const changes = [];
  const url = URL.createObjectURL(new Blob([WORKLET], { type: "text/javascript" }));
  const started = context.audioWorklet.addModule(url).then(() => {
    const worklet = new AudioWorkletNode(context, "ear");
    worklet.port.onmessage = ({ data }) => changes.push(data);
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
  window.ear = { changes, words, started, pressed: () => pressed, isOpen };
})();
