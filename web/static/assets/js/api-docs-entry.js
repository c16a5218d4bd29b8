// The entry of the page of the API.

import { ApiDocsPage } from "./api-docs-page.js";
import { ignoreCompositionKeys } from "./composition.js";
import { loadSession } from "./session.js";
import { addTexts, loadTexts } from "./texts.js";
import { applyTheme } from "./theme.js";

applyTheme();
ignoreCompositionKeys();
addTexts("later-texts");
if (!document.documentElement.dataset.tooOld)
  Promise.all([loadTexts(), loadSession(() => dispatchEvent(new Event("textschange")))]).then(() =>
    new ApiDocsPage(/** @type {HTMLElement} */ (document.getElementById("app"))).start(),
  );
