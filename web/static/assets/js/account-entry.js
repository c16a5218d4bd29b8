// The entry of the pages of accounts: mine, the members of a workspace, and the users of the instance.

import { AccountPage } from "./account-page.js";
import { ignoreCompositionKeys } from "./composition.js";
import { loadSession } from "./session.js";
import { addTexts, loadServerTexts, loadTexts } from "./texts.js";
import { applyTheme } from "./theme.js";

applyTheme();
ignoreCompositionKeys();
addTexts("access-texts");
if (!document.documentElement.dataset.tooOld)
  Promise.all([loadTexts().then(loadServerTexts), loadSession(() => dispatchEvent(new Event("textschange")))]).then(() =>
    new AccountPage(/** @type {HTMLElement} */ (document.getElementById("app"))).start(),
  );
