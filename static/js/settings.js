import { onPage } from "./pages.js";
import { chooseSound } from "./sound/sound.js";
import { Favourites } from "./voices/favourites.js";
import { sameVoice } from "./voices/voice.js";
import { VoicePicker } from "./voices/voice_picker.js";

onPage("#settings-config", choose);

/** Put what is easier to use in place of plain fields. */
function choose() {
  /** @type {(id: string) => any} an element of the kind that it is */
  const find = (id) => document.getElementById(id);
  const data = (id) => JSON.parse(find(id).textContent);

  sayTheSpeed(find("id_speed"));
  pickTheVoice(find("id_voice"));

  /** Say a speed as the reading page does, and while the slider is moved. */
  function sayTheSpeed(slider) {
    const output = document.createElement("output");
    output.htmlFor = slider.id;
    output.className = "settings__speed";
    slider.labels[0].append(" ", output);
    const show = () => {
      const words = `${Number(slider.value).toFixed(1)}×`;
      output.textContent = words;
      slider.ariaValueText = words;
    };
    slider.addEventListener("input", show);
    show();
  }

  /** Put the reading page's picker in place of a list with all voices, which keeps the choice. */
  function pickTheVoice(list) {
    const config = data("settings-config");
    const voices = data("voices");
    /** @type {HTMLInputElement} */
    const token = document.querySelector("[name=csrfmiddlewaretoken]");
    const [label] = list.labels;
    label.id = "voice-label";
    list.hidden = true;
    list.after(find("voice-choice").content);
    const [button, usual] = [find("voice"), find("voice-usual")];
    label.htmlFor = button.id;
    button.setAttribute("aria-describedby", list.getAttribute("aria-describedby") ?? "");
    const picker = new VoicePicker({
      dialog: find("voice-dialog"),
      button,
      voices,
      favourites: new Favourites({
        url: config.favourite_url,
        token: token.value,
        voices,
      }),
      language: navigator.language,
      previewUrl: `${config.preview_url}?sound=${chooseSound(config.sound_types)}`,
    });
    const show = () => {
      picker.show(voices.find(({ pk }) => String(pk) === list.value) ?? null);
      find("voice-name").textContent = list.selectedOptions[0].text;
      usual.hidden = list.value === "";
    };
    picker.addEventListener("change", ({ detail: { voice } }) => {
      list.value = voices.find((each) => sameVoice(each, voice)).pk;
      show();
    });
    usual.addEventListener("click", () => {
      list.value = "";
      show();
      button.focus();
    });
    show();
  }
}
