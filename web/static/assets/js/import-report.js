// What the server says about a file: before an import what it would do, afterwards what it did.

import { html } from "../vendor/lit/lit-html.js";
import { fieldLabel } from "./contact-fields.js";
import { formatCount } from "./plural.js";
import { serverText } from "./server-text.js";
import { t } from "./texts.js";

/** @import { ImportReport } from "./import-job.js" */

/** @param {ImportReport} report */
export const formatName = ({ format }) => t.import.formats[format] ?? format;

/**
 * The numbers of a report as a list.
 *
 * @param {ImportReport} report
 * @param {boolean} done the import has happened
 */
export function counts(report, done) {
  const { created = 0, updated = 0, unchanged = 0 } = report;
  const skipped = Math.max(0, report.read - created - updated - unchanged);
  const texts = t.import.counts;
  const rows = /** @type {const} */ ([
    [created, texts.created],
    [updated, texts.updated],
    [unchanged, texts.unchanged],
    [skipped, texts.skipped],
  ]);
  return html`<ul class="counts">
    ${rows.map(([n, [before, after]]) => (n ? html`<li><b>${formatCount(n)}</b> ${done ? after : before}</li>` : ""))}
  </ul>`;
}

/**
 * The first contacts as they would be.
 *
 * @param {ImportReport} report
 */
export function preview({ contacts = [], created = 0, updated = 0, unchanged = 0 }) {
  if (!contacts.length) return "";
  const all = created + updated + unchanged;
  const text = (/** @type {Contact} */ c) => [c.fullName, c.company, c.email, c.phone, c.tags?.join(", ")];
  return html`${scrollable(
    t.import.first,
    ["name", "company", "emails", "phones", "tags"].map(fieldLabel),
    contacts.map((contact) => text(contact)),
  )}
  ${all > contacts.length ? html`<p class="hint">${t.import.firstOf(contacts.length, formatCount(all))}</p>` : ""}`;
}

/**
 * Rows that were left out, and what was changed in others.
 *
 * @param {ImportReport} report
 */
export function remarks({ skipped = [], notes = [], more = 0 }) {
  return [
    skipped.length
      ? html`<details open>
          <summary>${t.import.leftOut(skipped.length)}</summary>
          ${scrollable(
            t.import.leftOutRows,
            [t.import.line, t.import.reason],
            skipped.map(({ line, reason }) => [formatCount(line), serverText(reason)]),
            "sentences",
          )}
        </details>`
      : "",
    notes.length
      ? html`<details>
          <summary>${t.import.notes(notes.length)}</summary>
          ${scrollable(
            t.import.notesTitle,
            [t.import.line, t.import.field, t.import.note],
            notes.map(({ line, field, note }) => [formatCount(line), field ?? "", serverText(note)]),
            "sentences",
          )}
        </details>`
      : "",
    more ? html`<p class="hint">${t.import.more(formatCount(more))}</p>` : "",
  ];
}

/**
 * @param {string} label
 * @param {string[]} head
 * @param {(string | undefined)[][]} rows
 * @param {string} [style] a class of the table
 */
const scrollable = (label, head, rows, style = "") =>
  html`<div class="preview ${style}" tabindex="0" role="region" aria-label=${label}>
    <table>
      <thead>
        <tr>
          ${head.map((text) => html`<th scope="col">${text}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((text) => html`<td title=${text ?? ""}><bdi>${text ?? ""}</bdi></td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
