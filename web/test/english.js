// The English texts, for tests of modules that show some.

import pipeline from "../static/assets/js/pipeline-texts/en.js";
import { t } from "../static/assets/js/texts.js";
import english from "../static/assets/js/texts/en.js";

Object.assign(t, english, pipeline);
