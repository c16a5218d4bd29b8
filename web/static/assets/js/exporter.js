// Saving the list as a file: what the view's filters leave, in its order.

import { listQuery } from "./view.js";

/** Fetches the export ("csv" or "vcard") and hands it to the browser; resolves with the file's name. */
export async function saveExport(view, format, minPosition) {
  const query = listQuery(view);
  query.set("format", format);
  const response = await fetch(`/contacts/export?${query}`, {
    headers: { Workspace: view.workspace, ...(minPosition ? { "Min-Position": minPosition } : {}) },
  });
  if (!response.ok) throw new Error((await response.json().catch(() => null))?.detail ?? `The server answered ${response.status}.`);
  const url = URL.createObjectURL(await response.blob());
  const name = `contacts-${view.workspace}.${format === "csv" ? "csv" : "vcf"}`;
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
  return name;
}
