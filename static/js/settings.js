/** Says a speed as the reading page does, and while the slider is moved. */
const slider = document.querySelector("#id_speed");
const output = document.createElement("output");
output.htmlFor = slider.id;
output.className = "settings__speed";
slider.labels[0].append(" ", output);

function show() {
  const words = `${Number(slider.value).toFixed(1)}×`;
  output.textContent = words;
  slider.ariaValueText = words;
}

slider.addEventListener("input", show);
show();
