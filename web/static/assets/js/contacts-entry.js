// The entry of the contacts page.

import { ignoreCompositionKeys } from "./composition.js";
import { ContactsPage } from "./contacts-page.js";
import { loadTexts } from "./texts.js";
import { applyTheme } from "./theme.js";

applyTheme();
ignoreCompositionKeys();
loadTexts().then(() => new ContactsPage(/** @type {HTMLElement} */ (document.getElementById("app"))).start());
