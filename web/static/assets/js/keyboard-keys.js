import { html } from "../vendor/lit/lit-html.js";
import { shownKeys } from "./keys.js";

/** Keys as they look on a keyboard. @param {string} keys as commands name them */
export const keyboardKeys = (keys) => shownKeys(keys).map((key) => (key === "/" && keys !== "/" ? " " : html`<kbd>${key}</kbd>`));
