// Saves the contacts of the view as a file.

import { t } from "./texts.js";
import { filterQuery } from "./view.js";

/** The endings of the files. @type {Record<ExportFormat, string>} */
const endings = { csv: "csv", vcard: "vcf", vcard4: "vcf", ndjson: "ndjson" };

export const formats = /** @type {ExportFormat[]} */ (Object.keys(endings));

/**
 * Fetches the export and hands it to the browser as a download. Resolves with the file's name.
 *
 * @param {View} view
 * @param {ExportFormat} format
 * @param {MaybePosition} minPosition
 */
export async function downloadExport(view, format, minPosition) {
  const query = filterQuery(view);
  query.set("format", format);
  query.delete("sort"); // a file is in the order of the ids
  const response = await fetch(`/contacts/export?${query}`, {
    headers: { Workspace: view.workspace, ...(minPosition ? { "Min-Position": minPosition } : {}) },
  });
  if (!response.ok) throw new Error((await response.json().catch(() => null))?.detail ?? t.common.serverAnswered(response.status));
  const url = URL.createObjectURL(await response.blob());
  const name = `contacts-${view.workspace}.${endings[format]}`;
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
  return name;
}
