// The entry of the contacts page.

import { ignoreCompositionKeys } from "./composition.js";
import { ContactsPage } from "./contacts-page.js";
import { applyTheme } from "./theme.js";

applyTheme();
ignoreCompositionKeys();
new ContactsPage(/** @type {HTMLElement} */ (document.getElementById("app"))).start();
