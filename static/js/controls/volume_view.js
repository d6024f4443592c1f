const PERCENT = 100;

/** The volume's slider and mute button; not there where only the device's keys decide. */
export class VolumeView {
  #volume;
  #slider;
  #button;

  constructor({ volume, root, slider, button }) {
    this.#volume = volume;
    this.#slider = slider;
    this.#button = button;
    root.hidden = !canSetVolume();
    slider.addEventListener("input", () => (volume.level = Number(slider.value) / PERCENT));
    button.addEventListener("click", () => (volume.isMuted = !volume.isMuted));
    volume.addEventListener("change", () => this.#show());
    this.#show();
  }

  #show() {
    const { level, isMuted } = this.#volume;
    const percent = Math.round(level * PERCENT);
    this.#slider.value = String(percent);
    this.#slider.ariaValueText = isMuted ? "Muted" : `${percent} %`;
    this.#button.ariaPressed = String(isMuted);
  }
}

function canSetVolume() {
  const element = document.createElement("audio");
  element.volume = 0.5;
  return element.volume === 0.5;
}
