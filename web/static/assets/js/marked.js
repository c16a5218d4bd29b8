// Shows the hits of a search in a text.

import { html } from "../vendor/lit/lit-html.js";
import { segments } from "./highlight.js";

/**
 * A text with its hits as <mark> elements.
 *
 * @param {string | undefined} text
 * @param {string[]} words
 */
export const marked = (text, words) => segments(text, words).map((s) => (s.hit ? html`<mark>${s.text}</mark>` : s.text));
