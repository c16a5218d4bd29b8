// The name of a browser and its system, from what it calls itself. Only the usual ones have a name; any other is shown as it is.

/** In this order: most browsers call themselves by the names of others, too. @type {[RegExp, string][]} */
const browsers = [
  [/Edg(?:e|A|iOS)?\//, "Edge"],
  [/OPR\//, "Opera"],
  [/SamsungBrowser\//, "Samsung Internet"],
  [/Firefox\/|FxiOS\//, "Firefox"],
  [/Chrome\/|Chromium\/|CriOS\//, "Chrome"],
  [/Safari\//, "Safari"],
];

/** @type {[RegExp, string][]} */
const systems = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Mac OS X|Macintosh/, "macOS"],
  [/CrOS/, "ChromeOS"],
  [/Linux/, "Linux"],
];

/** @param {string} userAgent */
export function browserName(userAgent) {
  const name = (/** @type {[RegExp, string][]} */ table) => table.find(([pattern]) => pattern.test(userAgent))?.[1];
  return [name(browsers), name(systems)].filter(Boolean).join(", ") || userAgent.slice(0, 60);
}
