// The cells of a row of the table.

import { html, nothing } from "../vendor/lit/lit-html.js";
import { avatar, hue } from "./avatar.js";
import { columnOfField } from "./columns.js";
import { fullTime, timeAgo } from "./format.js";
import { onPlainClick, viewAddress } from "./links.js";
import { marked } from "./marked.js";
import { t } from "./texts.js";
import { withValue } from "./view.js";

/** @import { Column, ColumnName } from "./columns.js" */

const MAX_TAGS = 4;

/**
 * @typedef {object} CellProps
 * @property {Column[]} columns
 * @property {View} view
 * @property {string[]} words the words of the search
 * @property {RowHighlight | undefined} highlight
 * @property {number} now
 * @property {(changes: Partial<View>) => void} navigate
 */

/**
 * @param {Contact} contact
 * @param {CellProps} props
 */
export function cells(contact, props) {
  const highlighted = new Set((props.highlight?.changed ?? []).map(columnOfField));
  return props.columns.map(
    ({ name }) =>
      html`<div role="gridcell" class="cell ${name} ${highlighted.has(name) ? "highlighted" : ""}">${content(name, contact, props)}</div>`,
  );
}

/**
 * @param {ColumnName} column
 * @param {Contact} c
 * @param {CellProps} props
 */
function content(column, c, { view, words, now, navigate }) {
  switch (column) {
    case "name":
      return html`${avatar(c)}<span class="text"
          ><a class="fullname" dir="auto" tabindex="-1" href=${viewAddress(view, { contact: c.id })}
            >${marked(c.fullName || t.common.noName, words)}</a
          ></span
        >`;
    case "email":
      return [text(c.email, marked(c.email, words)), others(c.emails)];
    case "phone":
      return [text(c.phone, c.phone), others(c.phones)];
    case "tags":
      return [(c.tags ?? []).slice(0, MAX_TAGS).map((tag) => tagLink(tag, view, navigate)), moreTags(c.tags)];
    case "created":
      return time(c.createdAt, now);
    case "updated":
      return time(c.updatedAt, now);
    default:
      return text(c[column], marked(c[column], words));
  }
}

/**
 * A text that may be cut; the title has all of it.
 *
 * @param {string | undefined} whole
 * @param {unknown} shown
 */
const text = (whole, shown) => html`<span class="text" dir="auto" title=${whole || nothing}>${shown ?? ""}</span>`;

/** How many entries a list has beside the one that is shown. @param {Entry[] | undefined} list */
const others = (list) =>
  list && list.length > 1
    ? html` <small class="others" title=${list.map(({ value }) => value).join("\n")}>+${list.length - 1}</small>`
    : "";

/** @param {string[] | undefined} tags */
const moreTags = (tags = []) =>
  tags.length > MAX_TAGS ? html`<small class="others" title=${tags.slice(MAX_TAGS).join("\n")}>+${tags.length - MAX_TAGS}</small>` : "";

/**
 * @param {string} tag
 * @param {View} view
 * @param {(changes: Partial<View>) => void} navigate
 */
function tagLink(tag, view, navigate) {
  const changes = { tag: withValue(view.tag, tag) };
  return html`<a
    class="chip hue-${hue(tag)}"
    dir="auto"
    tabindex="-1"
    title=${t.card.showTag(tag)}
    href=${viewAddress(view, { ...changes, contact: "" })}
    @click=${onPlainClick(() => navigate(changes))}
    >${tag}</a
  >`;
}

/**
 * @param {string | undefined} at
 * @param {number} now
 */
const time = (at, now) => html`<time datetime=${at ?? ""} title=${fullTime(at)}>${timeAgo(at, now)}</time>`;
