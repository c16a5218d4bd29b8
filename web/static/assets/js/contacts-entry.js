// The entry of the contacts page.

import { ignoreCompositionKeys } from "./composition.js";
import { ContactsPage } from "./contacts-page.js";
import { loadServerTexts, loadTexts } from "./texts.js";
import { applyTheme } from "./theme.js";

applyTheme();
ignoreCompositionKeys();
if (!document.documentElement.dataset.tooOld)
  loadTexts().then(() => {
    new ContactsPage(/** @type {HTMLElement} */ (document.getElementById("app"))).start();
    loadServerTexts();
  });
