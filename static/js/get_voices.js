// While a voice is on its way the page looks again, but not while somebody listens or chooses.
const LOOK_AGAIN_MS = 3000;

function isBusy() {
  const sounds = [...document.querySelectorAll("audio")];
  return sounds.some((sound) => !sound.paused) || document.activeElement?.tagName === "SELECT";
}

setInterval(() => {
  if (!document.hidden && !isBusy()) location.reload();
}, LOOK_AGAIN_MS);
