const PERCENT = 100;

/** The volume's slider and mute button; not there where only the device's keys decide. */
export class VolumeView {
  #player;
  #slider;
  #button;

  constructor({ player, root, slider, button }) {
    this.#player = player;
    this.#slider = slider;
    this.#button = button;
    root.hidden = !canSetVolume();
    slider.addEventListener("input", () => (player.volume = Number(slider.value) / PERCENT));
    button.addEventListener("click", () => (player.isMuted = !player.isMuted));
    player.addEventListener("volume", () => this.#show());
    this.#show();
  }

  #show() {
    const { volume, isMuted } = this.#player;
    const percent = Math.round(volume * PERCENT);
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
