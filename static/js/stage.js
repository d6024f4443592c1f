import { ROOT } from "./pages.js";
import { Stage } from "./stage/stage.js";

new Stage(document.querySelector(ROOT));
