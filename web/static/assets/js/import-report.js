// What the server says about a file: before an import what it would do, afterwards what it did.

import { html } from "../vendor/lit/lit-html.js";
import { formatCount, plural } from "./format.js";

/** @import { ImportReport } from "./import-job.js" */

/** @type {Record<string, string>} */
const formatNames = { csv: "table", tsv: "table", table: "table", vcard: "vCards", ndjson: "JSON lines" };

/** @param {ImportReport} report */
export const formatName = ({ format }) => formatNames[format] ?? format;

/**
 * The numbers of a report as a list.
 *
 * @param {ImportReport} report
 * @param {boolean} done the import has happened
 */
export function counts(report, done) {
  const { created = 0, updated = 0, unchanged = 0 } = report;
  const skipped = Math.max(0, report.read - created - updated - unchanged);
  const rows = [
    [created, done ? "added" : "new"],
    [updated, done ? "updated" : "will be updated"],
    [unchanged, done ? "there already, left as they were" : "there already"],
    [skipped, done ? "left out" : "will be left out"],
  ];
  return html`<ul class="counts">
    ${rows.map(([n, text]) => (n ? html`<li><b>${formatCount(Number(n))}</b> ${text}</li>` : ""))}
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
    "First contacts of the file",
    ["Name", "Company", "E-mail", "Phone", "Tags"],
    contacts.map((contact) => text(contact)),
  )}
  ${all > contacts.length ? html`<p class="hint">The first ${plural(contacts.length, "contact")} of ${formatCount(all)}.</p>` : ""}`;
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
          <summary>${plural(skipped.length, "row")} left out</summary>
          ${scrollable(
            "Rows that were left out",
            ["Line", "Reason"],
            skipped.map(({ line, reason }) => [formatCount(line), reason]),
            "sentences",
          )}
        </details>`
      : "",
    notes.length
      ? html`<details>
          <summary>${plural(notes.length, "note")}</summary>
          ${scrollable(
            "Notes",
            ["Line", "Field", "Note"],
            notes.map(({ line, field, note }) => [formatCount(line), field ?? "", note]),
            "sentences",
          )}
        </details>`
      : "",
    more ? html`<p class="hint">And ${formatCount(more)} more, which are not listed.</p>` : "",
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
