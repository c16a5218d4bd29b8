// The entry of the page of the API.

import { ApiDocsPage } from "./api-docs-page.js";
import { ignoreCompositionKeys } from "./composition.js";
import { loadTexts } from "./texts.js";
import { applyTheme } from "./theme.js";

applyTheme();
ignoreCompositionKeys();
if (!document.documentElement.dataset.tooOld)
  loadTexts().then(() => new ApiDocsPage(/** @type {HTMLElement} */ (document.getElementById("app"))).start());
