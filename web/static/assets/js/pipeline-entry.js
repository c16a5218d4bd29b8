// The entry of the pipeline page.

import { ignoreCompositionKeys } from "./composition.js";
import { PipelinePage } from "./pipeline-page.js";
import { loadTexts } from "./texts.js";
import { applyTheme } from "./theme.js";

applyTheme();
ignoreCompositionKeys();
loadTexts().then(() => new PipelinePage(/** @type {HTMLElement} */ (document.getElementById("app"))).start());
