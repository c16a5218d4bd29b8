// The entry of the pipeline page.

import { ignoreCompositionKeys } from "./composition.js";
import { PipelinePage } from "./pipeline-page.js";
import { applyTheme } from "./theme.js";

applyTheme();
ignoreCompositionKeys();
new PipelinePage(/** @type {HTMLElement} */ (document.getElementById("app"))).start();
