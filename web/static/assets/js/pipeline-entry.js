// The entry of the pipeline page.

import { PipelinePage } from "./pipeline-page.js";
import { applyTheme } from "./theme.js";

applyTheme();
new PipelinePage(/** @type {HTMLElement} */ (document.getElementById("app"))).start();
