// The entry of the pipeline page.

import { ignoreCompositionKeys } from "./composition.js";
import { PipelinePage } from "./pipeline-page.js";
import { addTexts, loadServerTexts, loadTexts } from "./texts.js";
import { applyTheme } from "./theme.js";

applyTheme();
ignoreCompositionKeys();
addTexts("pipeline-texts");
if (!document.documentElement.dataset.tooOld)
  loadTexts().then(() => {
    new PipelinePage(/** @type {HTMLElement} */ (document.getElementById("app"))).start();
    loadServerTexts();
  });
