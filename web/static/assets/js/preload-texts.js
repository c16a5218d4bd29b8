// Loads the texts in advance, together with the modules: only a running module knows the language.

import("./language.js").then(({ preferredLanguage }) => import(`./texts/${preferredLanguage()}.js`)).catch(() => {}); // texts.js tries again
