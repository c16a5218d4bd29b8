// The menu in which a person chooses the columns of the table and their order.

import { html } from "../vendor/lit/lit-html.js";
import { live } from "../vendor/lit/directives/live.js";
import { repeat } from "../vendor/lit/directives/repeat.js";
import { allColumns, chosenColumns, storeColumns } from "./columns.js";
import { focusSoon } from "./focus.js";
import { icon } from "./icons.js";
import { menu } from "./menu.js";
import { t } from "./texts.js";

/** @import { ColumnName } from "./columns.js" */

/** @param {() => void} requestRender */
export function columnMenu(requestRender) {
  const chosen = chosenColumns();
  const others = allColumns.map(({ name }) => name).filter((name) => !chosen.includes(name));
  const choose = (/** @type {ColumnName[]} */ names) => {
    storeColumns(names);
    requestRender();
  };
  const move = (/** @type {ColumnName} */ name, /** @type {number} */ to) => {
    const names = chosenColumns().filter((other) => other !== name);
    const isUp = to < chosenColumns().indexOf(name);
    names.splice(to, 0, name);
    choose(names);
    const isEnd = to === (isUp ? 1 : names.length - 1); // the button of this direction is disabled there
    focusSoon(`#column-${name}-${isUp === isEnd ? "down" : "up"}`);
  };
  const row = (/** @type {ColumnName} */ name) => {
    const index = chosen.indexOf(name);
    const text = t.list.columns[name];
    const toggle = () => {
      const now = chosenColumns(); // another click may have come since the last rendering
      choose(now.includes(name) ? now.filter((other) => other !== name) : [...now, name]);
      focusSoon(`#column-${name}`);
    };
    const arrow = (
      /** @type {"up" | "down"} */ direction,
      /** @type {string} */ label,
      /** @type {number} */ to,
      /** @type {boolean} */ possible,
    ) =>
      html`<button
        type="button"
        id="column-${name}-${direction}"
        class="quiet square small"
        aria-label="${label}: ${text}"
        title=${label}
        ?disabled=${!possible}
        @click=${() => move(name, to)}
      >
        ${icon(direction)}
      </button>`;
    return html`<li>
      <label
        ><input
          type="checkbox"
          id="column-${name}"
          .checked=${live(index >= 0)}
          ?disabled=${name === "name"}
          @change=${toggle}
        />${text}</label
      >
      ${arrow("up", t.form.moveUp, index - 1, index > 1)}${arrow("down", t.form.moveDown, index + 1, index > 0 && index < chosen.length - 1)}
    </li>`;
  };
  return menu({
    name: "column-menu",
    title: t.toolbar.columns,
    content: icon("columns"),
    popup: html`<ul class="popup">
      ${repeat([...chosen, ...others], (name) => name, row)}
    </ul>`,
  });
}
