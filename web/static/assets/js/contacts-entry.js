// The entry of the contacts page.

import { ContactsPage } from "./contacts-page.js";
import { applyTheme } from "./theme.js";

applyTheme();
new ContactsPage(/** @type {HTMLElement} */ (document.getElementById("app"))).start();
