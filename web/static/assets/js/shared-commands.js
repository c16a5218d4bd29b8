// The commands that all pages have: the way to other pages, the colours and the language.

import { Api } from "./http.js";
import { showHelp } from "./help.js";
import { currentLanguage, languages } from "./language.js";
import { currentUser, isInstanceAdmin, may } from "./session.js";
import { signOut } from "./signed-out.js";
import { chooseLanguage, t } from "./texts.js";
import { applyTheme, currentTheme, themes } from "./theme.js";
import { pagePaths } from "./view.js";

/** @import { Command } from "./commands.js" */

/**
 * @typedef {object} SharedCommandsConfig
 * @property {() => string} workspace
 * @property {(page: View["page"]) => void} [onNavigate] absent: the browser loads the page
 * @property {import("./toasts.js").Toasts} toasts
 * @property {() => void} requestRender
 */

/**
 * @param {SharedCommandsConfig} config
 * @returns {Command[]}
 */
export function sharedCommands({ workspace, onNavigate, toasts, requestRender }) {
  const load = (/** @type {keyof ReturnType<typeof pagePaths>} */ page) => location.assign(pagePaths(workspace())[page]);
  const navigate = onNavigate ?? load;
  return [
    { id: "contacts", keys: "C", icon: "people", text: () => t.commands.contacts, run: () => navigate("contacts") },
    { id: "statistics", keys: "S", icon: "chart", text: () => t.commands.statistics, run: () => navigate("statistics") },
    {
      ...{ id: "pipeline", keys: "I", icon: "pulse", text: () => t.commands.pipeline, run: () => load("inspect") },
      allowed: isInstanceAdmin,
    },
    ...accountCommands(workspace, load),
    {
      id: "jobs",
      icon: "external",
      text: () => t.commands.jobs,
      inMenu: true,
      run: () => location.assign("/jobs"),
      allowed: isInstanceAdmin,
    },
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
    {
      ...{ id: "sign-out", icon: "close", text: () => t.commands.signOut, inMenu: true, allowed: isSignedIn },
      run: () => void signOut(new Api(workspace())).catch((e) => toasts.show(e.message, { kind: "error" })),
    },
  ];
}

const isSignedIn = () => Boolean(currentUser());

/**
 * @param {() => string} workspace
 * @param {(page: "account" | "members" | "users") => void} load
 * @returns {Command[]}
 */
const accountCommands = (workspace, load) => [
  { id: "account", icon: "person", text: () => t.commands.account, inMenu: true, run: () => load("account"), allowed: isSignedIn },
  {
    ...{ id: "members", icon: "people", text: () => t.commands.members(workspace()), inMenu: true, run: () => load("members") },
    allowed: () => isSignedIn() && may("admin", workspace()),
  },
  {
    ...{ id: "users", icon: "people", text: () => t.commands.users, inMenu: true, run: () => load("users") },
    allowed: () => isSignedIn() && isInstanceAdmin(),
  },
];
