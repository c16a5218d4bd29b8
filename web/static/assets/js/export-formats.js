/** The formats of an export. @type {ExportFormat[]} */
export const formats = ["csv", "vcard", "vcard4", "ndjson"];
