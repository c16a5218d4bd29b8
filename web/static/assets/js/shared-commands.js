// The commands that all pages have: the way to other pages, the colours and the language.

import { showHelp } from "./help.js";
import { currentLanguage, languages } from "./language.js";
import { chooseLanguage, t } from "./texts.js";
import { applyTheme, currentTheme, themes } from "./theme.js";
import { pagePaths } from "./view.js";

/** @import { Command } from "./commands.js" */

/**
 * @typedef {object} SharedCommandsConfig
 * @property {() => string} workspace
 * @property {(page: View["page"]) => void} [onNavigate] absent: the browser loads the page
 * @property {() => void} requestRender
 */

/**
 * @param {SharedCommandsConfig} config
 * @returns {Command[]}
 */
export function sharedCommands({ workspace, onNavigate, requestRender }) {
  const load = (/** @type {keyof ReturnType<typeof pagePaths>} */ page) => location.assign(pagePaths(workspace())[page]);
  const navigate = onNavigate ?? load;
  return [
    { id: "contacts", keys: "C", icon: "people", text: () => t.commands.contacts, run: () => navigate("contacts") },
    { id: "statistics", keys: "S", icon: "chart", text: () => t.commands.statistics, run: () => navigate("statistics") },
    { id: "pipeline", keys: "I", icon: "pulse", text: () => t.commands.pipeline, run: () => load("inspect") },
    { id: "jobs", icon: "external", text: () => t.commands.jobs, inMenu: true, run: () => location.assign("/jobs") },
    { id: "api", icon: "external", text: () => t.commands.api, inMenu: true, run: () => load("docs") },
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
