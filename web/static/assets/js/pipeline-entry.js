// The entry of the pipeline page.

import { ignoreCompositionKeys } from "./composition.js";
import { PipelinePage } from "./pipeline-page.js";
import { loadSession } from "./session.js";
import { addTexts, loadServerTexts, loadTexts } from "./texts.js";
import { applyTheme } from "./theme.js";

applyTheme();
ignoreCompositionKeys();
addTexts("pipeline-texts");
if (!document.documentElement.dataset.tooOld)
  Promise.all([loadTexts(), loadSession(() => dispatchEvent(new Event("textschange")))]).then(() => {
    new PipelinePage(/** @type {HTMLElement} */ (document.getElementById("app"))).start();
    loadServerTexts();
  });
