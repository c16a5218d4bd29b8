// The entry of the pages that are open to nobody: signing in, setting up, and the links of invitations.

import "./link-secret.js"; // first, so that the secret leaves the address bar at once
import { ignoreCompositionKeys } from "./composition.js";
import { SignInPage } from "./signin-page.js";
import { addTexts, loadServerTexts, loadTexts } from "./texts.js";
import { applyTheme } from "./theme.js";

applyTheme();
ignoreCompositionKeys();
addTexts("access-texts");
if (!document.documentElement.dataset.tooOld)
  Promise.all([loadTexts().then(loadServerTexts)]).then(() =>
    new SignInPage(/** @type {HTMLElement} */ (document.getElementById("app"))).start(),
  );
