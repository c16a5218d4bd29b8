// The entry of the pipeline page.

import { ignoreCompositionKeys } from "./composition.js";
import { PipelinePage } from "./pipeline-page.js";
import { loadServerTexts, loadTexts } from "./texts.js";
import { applyTheme } from "./theme.js";

applyTheme();
ignoreCompositionKeys();
if (!document.documentElement.dataset.tooOld)
  loadTexts().then(() => {
    new PipelinePage(/** @type {HTMLElement} */ (document.getElementById("app"))).start();
    loadServerTexts();
  });
