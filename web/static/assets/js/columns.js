// The columns of the table: which there are, and which the person chose, in which order. The choice is stored in this
// browser only.

import { readStoredList, store } from "./storage.js";

const storageKey = "grapevine.columns";
const GAP = 14; // between two columns, in pixels
const PADDING = 32; // of a row, left and right together

/** @typedef {keyof import("./texts.js").Texts["list"]["columns"]} ColumnName */

/**
 * @typedef {object} Column
 * @property {ColumnName} name
 * @property {string} [sort] the sort of the list that orders by the column
 * @property {number} min the least width, in pixels
 * @property {string} [size] how the column grows beyond that; absent: not at all
 * @property {string[]} [fields] the fields of the contact that it shows; absent: the one of its name
 */

/** All columns. Where the table is too narrow for all that are chosen, the last ones of this list are left out. @type {Column[]} */
export const allColumns = [
  {
    name: "name",
    sort: "name",
    min: 180,
    size: "1.5fr",
    fields: ["kind", "prefix", "firstName", "middleName", "lastName", "suffix", "nickname", "name"],
  },
  { name: "email", min: 160, size: "1.3fr", fields: ["emails"] },
  { name: "updated", sort: "updatedAt", min: 104, fields: [] },
  { name: "company", sort: "company", min: 115, size: "1fr" },
  { name: "tags", min: 120, size: "1.1fr" },
  { name: "phone", min: 125, size: "0.9fr", fields: ["phones"] },
  { name: "title", min: 115, size: "1fr" },
  { name: "created", sort: "createdAt", min: 104, fields: [] },
  { name: "owner", min: 90, size: "0.7fr" },
];

/** @type {ColumnName[]} */
const defaultColumns = ["name", "company", "email", "phone", "tags", "updated"];

/** What a phone shows of a contact. @type {ColumnName[]} */
const phoneColumns = ["name", "email", "tags", "updated"];

/** @param {string} name */
const columnNamed = (name) => allColumns.find((column) => column.name === name);

/** The names of the chosen columns, in their order. The name of the contact comes first, always. @returns {ColumnName[]} */
export function chosenColumns() {
  const stored = readStoredList(storageKey);
  if (!stored.length) return defaultColumns;
  return ["name", ...stored.filter((name, i) => name !== "name" && columnNamed(name) && stored.indexOf(name) === i)];
}

/** @param {ColumnName[]} names */
export const storeColumns = (names) => store(storageKey, JSON.stringify(["name", ...names.filter((name) => name !== "name")]));

/**
 * The columns that are shown: those of the chosen ones that have room.
 *
 * @param {ColumnName[]} chosen
 * @param {number} width of the table, in pixels
 * @param {boolean} phone
 */
export function shownColumns(chosen, width, phone) {
  if (phone) return allColumns.filter(({ name }) => phoneColumns.includes(name));
  let left = width - PADDING + GAP;
  const fitting = allColumns.filter(({ name, min }) => {
    if (!chosen.includes(name) || (left < min + GAP && name !== "name")) return false;
    left -= min + GAP;
    return true;
  });
  return fitting.sort((a, b) => chosen.indexOf(a.name) - chosen.indexOf(b.name));
}

/** The columns as CSS. @param {Column[]} columns */
export const columnTemplate = (columns) => columns.map(({ min, size }) => (size ? `minmax(${min}px, ${size})` : `${min}px`)).join(" ");

/**
 * The columns that show a field.
 *
 * @param {string} field
 */
export const columnOfField = (field) => allColumns.find(({ name, fields }) => (fields ?? [name]).includes(field))?.name;
