// The English texts, for tests of modules that show some.

import english from "../static/assets/js/texts/en.js";
import { t } from "../static/assets/js/texts.js";

Object.assign(t, english);
