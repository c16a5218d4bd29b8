import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { serverText } from "../static/assets/js/server-text.js";
import german from "../static/assets/js/server-texts/de.js";
import { loadServerTexts, loadTexts } from "../static/assets/js/texts.js";

globalThis.document ??= { documentElement: {} };
const root = new URL("../../", import.meta.url);

test("sentences of the server are shown in the language of the page", async () => {
  const sentence = '"call \\"me\\"" is longer than 200 characters; it is kept as a custom field';
  assert.equal(serverText(sentence), sentence);
  await loadTexts("de");
  await loadServerTexts();
  for (const [original, translation] of [
    ["is required", "fehlt"],
    ["must not be longer than 200 characters", "darf höchstens 200 Zeichen lang sein"],
    ["is missing", "fehlt"],
    [sentence, '"call \\"me\\"" ist länger als 200 Zeichen; der Wert bleibt als weiteres Feld erhalten'],
    [
      '"x" must be a date such as 2026-04-12, or --04-12 without a year; it is kept as a custom field',
      '"x" muss ein Datum sein wie 2026-04-12, oder --04-12 ohne Jahr; der Wert bleibt als weiteres Feld erhalten',
    ],
    ["the contact that it matches cannot take its values: is required", "der passende Kontakt kann die Werte nicht übernehmen: fehlt"],
    [
      "a spreadsheet has shortened the number to 4.4E+11; in the spreadsheet, make the column text, and type the number again",
      "eine Tabellenkalkulation hat die Zahl auf 4.4E+11 gekürzt; die Spalte dort als Text festlegen und die Zahl neu eintippen",
    ],
    [
      "The file is a ZIP archive or a workbook, such as Excel's .xlsx. Unpack it, and import the file inside, or save the workbook as CSV.",
      "Die Datei ist ein ZIP-Archiv oder eine Arbeitsmappe, wie .xlsx von Excel. Bitte entpacken und die Datei darin importieren, oder die Arbeitsmappe als CSV speichern.",
    ],
    [
      "The file is large. This is what the import of its first 2000 rows would do.",
      "Die Datei ist groß. Das hier täte der Import ihrer ersten 2000 Zeilen.",
    ],
    [
      'The index x_1 is hidden, so MongoDB does not use it. Run db.contacts.unhideIndex("x_1").',
      'Der Index x_1 ist versteckt, darum nutzt MongoDB ihn nicht. Bitte ausführen: db.contacts.unhideIndex("x_1").',
    ],
    ["pause the watcher: no answer", "Befehl „pause“ an den Watcher: no answer"],
    ["something that nobody translated 5", "something that nobody translated 5"],
    ["", ""],
  ])
    assert.equal(serverText(original), translation);
  await loadTexts("en");
  await loadServerTexts();
  assert.equal(serverText(sentence), sentence);
});

/** The Go code in a folder, without tests. */
const goCode = (folder) =>
  readdirSync(new URL(folder, root), { recursive: folder !== "." })
    .filter((name) => name.endsWith(".go") && !name.endsWith("_test.go"))
    .map((name) => readFileSync(new URL(`${folder}/${name}`, root), "utf8"))
    .join("\n");

test("every translated sentence is one of the server's", () => {
  const code = [".", "api", "app", "cmd", "imports", "internal/mongox", "store", "transfer"].map(goCode).join("\n");
  const made = ["Unpack it, and import the file inside, or save the workbook as CSV"]; // of two texts
  for (const sentence of Object.keys(german).filter((key) => !made.includes(key)))
    for (const part of sentence.split(/[#…]/).map((text) => text.trim()))
      assert.ok(code.includes(part), `${sentence}: the server does not say “${part}”`);
});

test("what the server says about a field is translated", () => {
  const code = readFileSync(new URL("validate.go", root), "utf8");
  const sentences = [...code.matchAll(/(?:v\.add\([^"\n]*(?:"[^"]*", ?)?|Sprintf\(|return )"((?:is|has|must|are|a) [^"]+ [^"]+|is \w+)"/g)];
  assert.ok(sentences.length > 10);
  for (const [, sentence] of sentences) assert.ok(sentence.replace("%d", "#") in german, sentence);
});
