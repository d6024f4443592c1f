import { forgetKept } from "./sound/kept_here.js";

// Nobody is signed in: nobody's sound is to be found here.
forgetKept();
