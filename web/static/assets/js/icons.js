// Line icons on a 24 × 24 grid. They take the colour of the surrounding text and are hidden from screen readers.

import { html, svg } from "../vendor/lit/lit-html.js";

/** @type {Record<string, unknown>} */
const paths = {
  search: svg`<circle cx="11" cy="11" r="6.5"/><path d="m16 16 4.5 4.5"/>`,
  plus: svg`<path d="M12 5v14M5 12h14"/>`,
  close: svg`<path d="m6 6 12 12M18 6 6 18"/>`,
  up: svg`<path d="m7 14 5-5 5 5"/>`,
  down: svg`<path d="m7 10 5 5 5-5"/>`,
  person: svg`<circle cx="12" cy="8" r="3.6"/><path d="M4.8 20c.8-3.8 3.6-5.8 7.2-5.8s6.4 2 7.2 5.8"/>`,
  people: svg`<circle cx="9" cy="8.5" r="3.2"/><path d="M2.8 19.5c.6-3.4 3-5.2 6.2-5.2s5.6 1.8 6.2 5.2M15.5 5.7a3.2 3.2 0 0 1 0 5.7M17.5 14.6c2 .7 3.3 2.4 3.7 4.9"/>`,
  organization: svg`<path d="M5 20.5v-16h9v16M14 10h5v10.5M3 20.5h18M8 8h3M8 12h3M8 16h3"/>`,
  chart: svg`<path d="M4 20V4M4 20h16M8.5 16v-5M13 16V7M17.5 16v-3"/>`,
  pulse: svg`<path d="M2.5 12h4l2.5-7 5 14 2.5-7h5"/>`,
  upload: svg`<path d="M12 16V4.5M7 9l5-5 5 5M4.5 16v3.5h15V16"/>`,
  download: svg`<path d="M12 4v11.5M7 11l5 5 5-5M4.5 16v3.5h15V16"/>`,
  copy: svg`<rect x="8.5" y="8.5" width="11" height="11" rx="2"/><path d="M15.5 8.5v-2a2 2 0 0 0-2-2h-7a2 2 0 0 0-2 2v7a2 2 0 0 0 2 2h2"/>`,
  check: svg`<path d="m5 12.5 4.5 4.5L19 7.5"/>`,
  trash: svg`<path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12.5h9.4L17.5 7M10 11v5M14 11v5"/>`,
  sun: svg`<circle cx="12" cy="12" r="3.8"/><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4"/>`,
  moon: svg`<path d="M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7Z"/>`,
  auto: svg`<circle cx="12" cy="12" r="8"/><path d="M12 4v16" /><path d="M12 4a8 8 0 0 1 0 16Z" class="fill"/>`,
  keyboard: svg`<rect x="2.5" y="6" width="19" height="12" rx="2"/><path d="M6 10h.01M9 10h.01M12 10h.01M15 10h.01M18 10h.01M7.5 14h9"/>`,
  external: svg`<path d="M13.5 4.5h6v6M19.5 4.5 11 13M17 13.5v6H4.5V7H10.5"/>`,
  leaf: svg`<path d="M12 3c4.5 4.3 5.5 8.8 3.5 12.8-.9 1.7-2.2 2.6-3.5 3.2-1.3-.6-2.6-1.5-3.5-3.2C6.5 11.8 7.5 7.3 12 3ZM12 10v11.5"/>`,
  bolt: svg`<path d="M13 3 5.5 13.5H11L10 21l8-11h-5.7Z"/>`,
  pause: svg`<path d="M8.5 5.5v13M15.5 5.5v13"/>`,
  play: svg`<path d="M8 5.5v13l10.5-6.5Z"/>`,
  undo: svg`<path d="M8.5 5 4 9.5 8.5 14M4.5 9.5H14a5.5 5.5 0 0 1 0 11h-3"/>`,
  more: svg`<path d="M5.5 12h.01M12 12h.01M18.5 12h.01"/>`,
  edit: svg`<path d="M4.5 19.5l1-4.5L16 4.5l3.5 3.5L9 18.5ZM13.5 7l3.5 3.5"/>`,
  link: svg`<path d="M10 14a4 4 0 0 0 5.7.3l3-3a4 4 0 0 0-5.7-5.7l-1.2 1.2M14 10a4 4 0 0 0-5.7-.3l-3 3a4 4 0 0 0 5.7 5.7l1.2-1.2"/>`,
  mail: svg`<rect x="3.5" y="6" width="17" height="12.5" rx="2"/><path d="m4 7.5 8 6 8-6"/>`,
  phone: svg`<path d="M6.5 4.5h3l1.5 4-2 1.5a10 10 0 0 0 5 5l1.5-2 4 1.5v3a1.5 1.5 0 0 1-1.7 1.5A15 15 0 0 1 5 6.2a1.5 1.5 0 0 1 1.5-1.7Z"/>`,
  map: svg`<path d="M12 21s6.5-6 6.5-11a6.5 6.5 0 0 0-13 0c0 5 6.5 11 6.5 11Z"/><circle cx="12" cy="10" r="2.3"/>`,
  eye: svg`<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z"/><circle cx="12" cy="12" r="2.8"/>`,
  columns: svg`<rect x="3.5" y="5" width="17" height="14" rx="2"/><path d="M9.2 5v14M14.8 5v14"/>`,
  filter: svg`<path d="M4 6h16M7 12h10M10 18h4"/>`,
  print: svg`<path d="M7 9V4h10v5M7 17H4.5V9h15v8H17M7 14h10v6H7Z"/>`,
  warn: svg`<path d="M12 4 2.8 19.5h18.4ZM12 10v4.5M12 17h.01"/>`,
};

/** @param {string} name */
export const icon = (name) => html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${paths[name]}</svg>`;

export const logo = html`<svg class="logo" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
  <path class="stem" d="M12 6.5c.2-2 1.4-3.5 3.6-4" />
  <circle cx="7" cy="9.5" r="3" />
  <circle cx="13" cy="9" r="3" />
  <circle cx="18" cy="11.5" r="2.6" />
  <circle cx="9.5" cy="14.6" r="3" />
  <circle cx="15" cy="15.6" r="2.7" />
  <circle cx="11.7" cy="19.7" r="2.5" />
</svg>`;
