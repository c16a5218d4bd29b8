// The commands that all pages have: the way to other pages, the colours and the language.

import { showHelp } from "./help.js";
import { currentLanguage, languages } from "./language.js";
import { chooseLanguage, t } from "./texts.js";
import { applyTheme, currentTheme, themes } from "./theme.js";
import { pagePaths } from "./view.js";

/** @import { Command } from "./commands.js" */

/**
 * @param {() => string} workspace
 * @param {() => void} requestRender
 * @returns {Command[]}
 */
export function sharedCommands(workspace, requestRender) {
  const goTo = (/** @type {"contacts" | "statistics" | "inspect"} */ page) => () => location.assign(pagePaths(workspace())[page]);
  return [
    { id: "contacts", keys: "C", icon: "people", text: () => t.commands.contacts, run: goTo("contacts") },
    { id: "statistics", keys: "S", icon: "chart", text: () => t.commands.statistics, run: goTo("statistics") },
    { id: "pipeline", keys: "I", icon: "pulse", text: () => t.commands.pipeline, run: goTo("inspect") },
    { id: "jobs", icon: "external", text: () => t.commands.jobs, inMenu: true, run: () => location.assign("/jobs") },
    { id: "api", icon: "external", text: () => t.commands.api, inMenu: true, run: () => location.assign("/docs") },
    { id: "help", keys: "?", icon: "keyboard", text: () => t.commands.help, inMenu: true, run: showHelp },
    ...Object.entries(themes).map(([theme, icon]) => ({
      id: `theme-${theme}`,
      icon,
      text: () => t.commands.theme(t.header.themes[theme]),
      inMenu: true,
      checked: () => currentTheme() === theme,
      run: () => {
        applyTheme(theme);
        requestRender();
      },
    })),
    ...Object.entries(languages).map(([language, name]) => ({
      id: `language-${language}`,
      text: () => (language === currentLanguage() ? name : `${name} (${language})`),
      inMenu: true,
      checked: () => language === currentLanguage(),
      run: () => void chooseLanguage(language).then(requestRender),
    })),
  ];
}
