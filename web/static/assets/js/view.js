// The view: workspace, page, filters, sort and open contact. It is kept in the URL, so that a link, a
// reload and the back button show the same.

import { hitFinder } from "./search-terms.js";

/** @import { Texts } from "./texts.js" */

/**
 * @typedef {object} ListFilter
 * @property {string} name of the parameter, in the page's URL and in the API
 * @property {(contact: Contact, value: string) => boolean} [matches] absent: the contact's field of the filter's
 *   name is equal to the value
 * @property {boolean} [several] it may have several values; a contact has to fit all of them
 * @property {(value: string) => string} [sent] what the API gets for a value; absent: the value
 * @property {readonly string[]} [choices] shown in the toolbar as buttons
 * @property {string} [statistic] the statistic that counts the contacts of each value. It fills the filter's
 *   combobox in the toolbar. A filter without choices and without a statistic is set in the menu of filters.
 */

const time = (/** @type {string | undefined} */ iso) => Date.parse(iso ?? "") || 0;

/**
 * The time at which a day begins here, which is another than in UTC. Other texts stay as they are.
 *
 * @param {string} value
 * @param {number} shift in milliseconds
 */
function startOfDay(value, shift = 0) {
  const start = /^\d{4}-\d\d-\d\d$/.test(value) ? Date.parse(`${value}T00:00`) : NaN;
  return Number.isNaN(start) ? value : new Date(start + shift).toISOString();
}

/** The first day is included. @param {string} value */
const fromDay = (value) => startOfDay(value, -1);

/** The last day is not included. @param {string} value */
const beforeDay = (value) => startOfDay(value);

// A new filter needs a row here. The toolbar, the counts, the URL and the type of a view read this table.
const table = /** @type {const} */ ([
  { name: "company", statistic: "companies" },
  {
    name: "tag",
    statistic: "tags",
    several: true,
    matches: (/** @type {Contact} */ contact, /** @type {string} */ tag) =>
      contact.tags?.some((stored) => stored.normalize("NFC") === tag.normalize("NFC")) ?? false,
  },
  {
    name: "kind",
    choices: ["", "person", "organization"],
  },
  { name: "owner" },
  { name: "organizationId" },
  {
    name: "without",
    several: true,
    matches: (/** @type {Contact} */ { emails, phones }, /** @type {string} */ what) => !(what === "email" ? emails : phones)?.length,
  },
  {
    name: "createdAfter",
    sent: fromDay,
    matches: (/** @type {Contact} */ c, /** @type {string} */ at) => time(c.createdAt) > time(fromDay(at)),
  },
  {
    name: "createdBefore",
    sent: beforeDay,
    matches: (/** @type {Contact} */ c, /** @type {string} */ at) => time(c.createdAt) < time(beforeDay(at)),
  },
  {
    name: "updatedAfter",
    sent: fromDay,
    matches: (/** @type {Contact} */ c, /** @type {string} */ at) => time(c.updatedAt) > time(fromDay(at)),
  },
  {
    name: "updatedBefore",
    sent: beforeDay,
    matches: (/** @type {Contact} */ c, /** @type {string} */ at) => time(c.updatedAt) < time(beforeDay(at)),
  },
]);

/** The orders that are offered for the list. @type {(keyof Texts["toolbar"]["sorts"])[]} */
export const sorts = ["name", "-name", "company", "-updatedAt", "-createdAt", "createdAt"];

/** Several values of one filter, such as tags, are one text in the view, a line each. @param {string} values */
export const valuesOf = (values) => (values ? values.split("\n") : []);

/** The values with one more. @param {string} values @param {string} value */
export const withValue = (values, value) => [...new Set([...valuesOf(values), value])].join("\n");

/** The values without one. @param {string} values @param {string} value */
export const withoutValue = (values, value) =>
  valuesOf(values)
    .filter((other) => other !== value)
    .join("\n");

/** q is the text of the search. @typedef {"q" | (typeof table)[number]["name"]} FilterName */

/** @type {readonly (ListFilter & {name: FilterName})[]} */
export const listFilters = table;

/** @type {FilterName[]} */
const filterNames = ["q", ...listFilters.map(({ name }) => name)];

/** The filters of a view that shows everything. */
export const noFilters = /** @type {Filters} */ (Object.fromEntries(filterNames.map((name) => [name, ""])));

/**
 * The text of a search as the server takes it: pasted tabs and line breaks are blanks.
 *
 * @param {string} text
 */
export const searchText = (text) => text.replace(/[\s\p{Cc}]+/gu, " ").trim();

/**
 * The view that the query of a URL describes. Invalid values are replaced by the defaults.
 *
 * @param {string} search
 * @returns {View}
 */
export function parseView(search) {
  const p = new URLSearchParams(search);
  /** @type {View} */
  const view = {
    workspace: p.get("workspace") || "default",
    page: p.get("view") === "statistics" ? "statistics" : "contacts",
    sort: p.get("sort") || "name",
    contact: p.get("contact") || "",
    ...noFilters,
  };
  view.q = p.get("q") || "";
  for (const { name, several } of listFilters) view[name] = several ? p.getAll(name).filter(Boolean).join("\n") : p.get(name) || "";
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(view.workspace)) view.workspace = "default";
  view.q = searchText(view.q);
  if (!/^-?(name|company|createdAt|updatedAt)$/.test(view.sort)) view.sort = "name";
  if (!/^([0-9a-f]{24}|new)$/.test(view.contact)) view.contact = "";
  return view;
}

/**
 * The query of a URL that describes the view, without default values.
 *
 * @param {View} view
 */
export function formatView(view) {
  const p = new URLSearchParams();
  if (view.workspace !== "default") p.set("workspace", view.workspace);
  if (view.page !== "contacts") p.set("view", view.page);
  if (view.q) p.set("q", view.q);
  for (const [name, value] of filterValues(view)) p.append(name, value);
  if (view.sort !== "name") p.set("sort", view.sort);
  if (view.contact) p.set("contact", view.contact);
  const s = p.toString();
  return s ? `?${s}` : "";
}

/**
 * The filters that are set, each with a value.
 *
 * @param {View} view
 * @param {(filter: ListFilter, value: string) => string} [form]
 * @returns {[FilterName, string][]}
 */
const filterValues = (view, form = (_, value) => value) =>
  listFilters.flatMap((filter) =>
    (filter.several ? valuesOf(view[filter.name]) : [view[filter.name]])
      .filter(Boolean)
      .map((value) => /** @type {[FilterName, string]} */ ([filter.name, form(filter, value)])),
  );

/**
 * The filters of a view as the API takes them.
 *
 * @param {View} view
 */
export const filterQuery = (view) => new URLSearchParams(filterValues(view, ({ sent }, value) => sent?.(value) ?? value));

/**
 * Path and query of the request for one page of the list. A search has an order of its own: the best hits first.
 *
 * @param {View} view
 * @param {number} limit
 * @param {string | null} [after] the cursor of the previous page
 */
export function listPath(view, limit, after) {
  const p = filterQuery(view);
  if (view.q) p.set("q", view.q);
  else p.set("sort", view.sort);
  p.set("limit", String(limit));
  if (after) p.set("after", after);
  return `/contacts?${p}`;
}

/**
 * @param {Contact} contact
 * @param {ListFilter} filter
 * @param {string} value
 */
const passes = (contact, { name, several, matches: test }, value) =>
  several
    ? valuesOf(value).every((one) => test?.(contact, one))
    : test
      ? test(contact, value)
      : String(contact[/** @type {keyof Contact} */ (name)] ?? "").normalize("NFC") === value.normalize("NFC");

/**
 * Returns a function that says whether a contact is in the list of the view, as the server decides it.
 *
 * @param {View} view
 * @param {ReturnType<typeof hitFinder>} hitOf finds the place of a contact in the view's search
 * @returns {(contact: Contact) => boolean}
 */
export function matcher(view, hitOf = hitFinder(view.q)) {
  const filters = listFilters.filter(({ name }) => view[name]);
  return (contact) => filters.every((filter) => passes(contact, filter, view[filter.name])) && (!view.q || hitOf(contact) !== null);
}

/** @param {View} view */
export const isFiltered = (view) => filterNames.some((name) => Boolean(view[name]));

/**
 * The statistic whose groups hold the count of a view, and the filter that names the group. Without a filter
 * the sum of all groups is the count. undefined: no statistic counts this combination of filters.
 *
 * @param {View} view
 * @returns {{statistic: string, group?: FilterName} | undefined}
 */
export function countingStatistic(view) {
  const [name, ...others] = filterNames.filter((filterName) => view[filterName]);
  if (!name) return { statistic: "months" };
  const statistic = listFilters.find((filter) => filter.name === name)?.statistic;
  return statistic && !others.length && valuesOf(view[name]).length === 1 ? { statistic, group: name } : undefined;
}

/**
 * The paths of the pages of a workspace.
 *
 * @param {string} workspace
 */
export function pagePaths(workspace) {
  const query = workspace === "default" ? "" : `?workspace=${encodeURIComponent(workspace)}`;
  return {
    contacts: `/${query}`,
    statistics: `/${query ? `${query}&` : "?"}view=statistics`,
    inspect: `/inspect${query}`,
    docs: `/docs${query}`,
  };
}
