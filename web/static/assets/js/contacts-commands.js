// The commands of the contacts page.

import { formats } from "./exporter.js";
import { focusNowOrSoon } from "./focus.js";
import { sharedCommands } from "./shared-commands.js";
import { t } from "./texts.js";
import { isFiltered, sorts } from "./view.js";

/** @import { Command } from "./commands.js" */

/**
 * @typedef {object} ContactsCommandsConfig
 * @property {() => View} view
 * @property {Navigate} navigate
 * @property {() => void} clear removes search and filters
 * @property {import("./open-contact.js").OpenContact} openContact
 * @property {import("./toasts.js").Toasts} toasts
 * @property {import("./import-export.js").ImportExport} importExport
 * @property {() => void} showPalette
 * @property {() => void} print
 * @property {(contact: Contact) => void} remove
 * @property {() => void} requestRender
 */

/**
 * @param {ContactsCommandsConfig} config
 * @returns {Command[]}
 */
export function contactsCommands({ view, navigate, clear, openContact, toasts, importExport, showPalette, print, remove, requestRender }) {
  const isOpen = () => view().page === "contacts" && Boolean(openContact.draft?.mine);
  const focusInList = (/** @type {string} */ selector) => {
    navigate({ page: "contacts" });
    focusNowOrSoon(selector);
  };
  const exists = () => isOpen() && !openContact.draft?.creating && openContact.draft?.status !== "gone";
  return [
    { id: "palette", keys: "Ctrl K", icon: "search", text: () => t.commands.openPalette, inMenu: true, run: showPalette },
    {
      id: "search",
      keys: "/",
      icon: "search",
      text: () => t.commands.search,
      run: () => focusInList("#search"),
    },
    { id: "move", keys: "ArrowUp / ArrowDown / Home / End", text: () => t.commands.move },
    { id: "open-row", keys: "Enter", text: () => t.commands.openRow },
    { id: "create", keys: "N", icon: "plus", text: () => t.commands.create, run: () => openContact.create() },
    { id: "edit", keys: "E", icon: "edit", text: () => t.commands.edit, enabled: exists, run: () => openContact.edit() },
    { id: "save", keys: "Ctrl S", icon: "check", text: () => t.commands.save, enabled: isOpen, run: () => openContact.save() },
    {
      id: "save-and-stop",
      keys: "Ctrl Enter",
      icon: "check",
      text: () => t.commands.saveAndStop,
      enabled: isOpen,
      run: () => openContact.save(true),
    },
    { id: "next", keys: "J", icon: "down", text: () => t.commands.next, enabled: isOpen, run: () => openContact.step(1) },
    { id: "previous", keys: "K", icon: "up", text: () => t.commands.previous, enabled: isOpen, run: () => openContact.step(-1) },
    { id: "duplicate", keys: "D", icon: "copy", text: () => t.commands.duplicate, enabled: exists, run: () => openContact.duplicate() },
    { id: "copy-link", keys: "L", icon: "link", text: () => t.commands.copyLink, enabled: exists, run: () => openContact.copyLink() },
    {
      id: "delete",
      icon: "trash",
      text: () => t.commands.deleteOpen,
      enabled: exists,
      run: () => openContact.draft && remove(openContact.draft.base),
    },
    { id: "delete-row", keys: "Delete", text: () => t.commands.deleteRow },
    { id: "undo", keys: "U", icon: "undo", text: () => t.commands.undo, run: () => toasts.runLastAction() },
    {
      id: "resume",
      keys: "R",
      icon: "undo",
      text: () => t.commands.resume,
      enabled: () => openContact.unsaved.length > 0,
      run: () => openContact.resume(),
    },
    { id: "move-row", keys: "Alt ArrowUp / Alt ArrowDown", text: () => t.commands.moveRow },
    { id: "close", keys: "Escape", icon: "close", text: () => t.commands.close, enabled: isOpen, run: () => openContact.close() },
    { id: "table", keys: "G", icon: "people", text: () => t.commands.table, run: () => focusInList("#grid") },
    ...sharedCommands({ workspace: () => view().workspace, onNavigate: (page) => navigate({ page }), requestRender }),
    { id: "import", icon: "upload", text: () => t.commands.import, run: () => importExport.openImport() },
    ...formats.map((format) => ({
      id: `export-${format}`,
      icon: "download",
      text: () => t.commands.exportAs(t.toolbar.formats[format][0]),
      enabled: () => !view().q,
      run: () => importExport.exportAs(format),
    })),
    {
      id: "print",
      keys: "Ctrl P",
      icon: "print",
      text: () => t.commands.print,
      run: () => (view().page === "contacts" ? print() : globalThis.print()),
    },
    { id: "clear", icon: "close", text: () => t.commands.clear, enabled: () => isFiltered(view()), run: clear },
    ...sorts.map((sort) => ({
      id: `sort-${sort}`,
      text: () => t.commands.sortBy(t.toolbar.sorts[sort]),
      enabled: () => !view().q && view().sort !== sort,
      run: () => navigate({ page: "contacts", sort }),
    })),
  ];
}
