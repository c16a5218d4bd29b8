// The main part of the contacts page: toolbar, filters, table and the line below it.

import { html } from "../vendor/lit/lit-html.js";
import { banner } from "./banner.js";
import { filterBar } from "./filter-bar.js";
import { searchWords } from "./highlight.js";
import { emptyList, statusLine } from "./list-status.js";
import { t } from "./texts.js";

/**
 * @typedef {object} ContactsMainProps
 * @property {View} view
 * @property {import("./workspace-session.js").WorkspaceSession} session
 * @property {Row[]} rows
 * @property {number} before how many rows of the list come before these
 * @property {number | undefined} total how many contacts the view has, if it is known
 * @property {import("./toolbar.js").Toolbar} toolbar
 * @property {import("./table.js").Table} table
 * @property {import("./note-hits.js").NoteHits} noteHits
 * @property {import("./recent-changes.js").RecentChanges} recentChanges
 * @property {string} forming how far the contacts have been completed; empty if all are
 * @property {import("./open-contact.js").OpenContact} openContact
 * @property {Navigate} navigate
 * @property {() => void} clear removes search and filters
 * @property {() => void} openImport
 */

/** @param {ContactsMainProps} props */
export function contactsMain(props) {
  const { view, session, rows, before, total, toolbar, table, noteHits, recentChanges, forming, openContact, navigate, clear, openImport } =
    props;
  const { list, socket, rereading, organizationNames } = session;
  const loaded = Boolean(list.window);
  const complete = Boolean(list.window?.complete);
  const shownView = list.window?.view ?? view;
  const inNotes = list.window ? noteHits.render(list.window.byId) : "";
  const empty = emptyList({ view, inNotes: inNotes !== "", clear, create: () => openContact.create(), openImport });
  return html`<main class="contacts" id="main">
    <h1 class="offscreen">${t.header.contacts}</h1>
    ${toolbar.render({ view, total })} ${filterBar(view, navigate, (id) => organizationNames.get(id), toolbar.folded)}
    <div class="list ${list.busy ? "busy" : ""}">
      ${banner({ list, socket, rereading, forming })}${
        loaded && (before || !complete) ? html`<p class="on-paper">${t.list.printed(before + 1, before + rows.length, total)}</p>` : ""
      }${table.render({
        rows,
        before,
        total,
        complete,
        loaded,
        sort: view.q ? "" : view.sort,
        words: loaded ? searchWords(shownView.q) : [],
        selected: view.contact,
        highlights: recentChanges.highlights,
        leavingRows: recentChanges.leavingRows,
      })}${complete && !rows.length && !before ? empty : ""}${inNotes}${statusLine({
        total,
        rowCount: before + rows.length,
        loaded,
        partial: Boolean(list.window?.partial && !complete),
        ranked: loaded && Boolean(shownView.q),
        last: recentChanges.last,
        unsaved: openContact.unsaved.length,
        resume: () => openContact.resume(),
      })}
    </div>
  </main>`;
}
