// The entry of the contacts page.

import { ignoreCompositionKeys } from "./composition.js";
import { ContactsPage } from "./contacts-page.js";
import { loadSession } from "./session.js";
import { loadServerTexts, loadTexts } from "./texts.js";
import { applyTheme } from "./theme.js";

applyTheme();
ignoreCompositionKeys();
if (!document.documentElement.dataset.tooOld)
  Promise.all([loadTexts(), loadSession(() => dispatchEvent(new Event("sessionchange")))]).then(() => {
    new ContactsPage(/** @type {HTMLElement} */ (document.getElementById("app"))).start();
    loadServerTexts();
  });
