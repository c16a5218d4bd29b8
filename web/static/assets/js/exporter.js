// Saving the whole workspace as a file.

/** Fetches the export ("csv" or "vcard") and hands it to the browser; resolves with the file's name. */
export async function saveExport(workspace, format) {
  const response = await fetch(`/contacts/export?${new URLSearchParams({ format })}`, { headers: { Workspace: workspace } });
  if (!response.ok) throw new Error((await response.json().catch(() => null))?.detail ?? `The server answered ${response.status}.`);
  const url = URL.createObjectURL(await response.blob());
  const name = `contacts-${workspace}.${format === "csv" ? "csv" : "vcf"}`;
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
  return name;
}
