import { html } from "../vendor/lit/lit-html.js";

/** A text whose paragraphs have empty lines between them. @param {string} [text] */
export const paragraphs = (text = "") => text.split(/\n\s*\n/).map((paragraph) => (paragraph ? html`<p>${paragraph}</p>` : ""));
