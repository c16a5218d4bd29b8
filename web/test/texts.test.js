import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { languages, setLanguage } from "../static/assets/js/language.js";
import { plural } from "../static/assets/js/plural.js";

const folder = new URL("../static/assets/js/", import.meta.url);
const textsOf = async (language) => (await import(new URL(`texts/${language}.js`, folder))).default;

/** The paths of all texts, with what they are. */
function shape(value, path = "") {
  if (Array.isArray(value)) return [`${path} ${value.length} texts`];
  if (typeof value === "function") return [`${path} function`];
  if (typeof value === "string") return [path];
  const free = ["fieldErrors", "labels"].includes(path.slice(1)); // a language may need none of them
  return free ? [] : Object.entries(value).flatMap(([name, inner]) => shape(inner, `${path}.${name}`));
}

test("every language has every text", async () => {
  assert.deepEqual(
    readdirSync(new URL("texts", folder)).sort(),
    Object.keys(languages)
      .map((language) => `${language}.js`)
      .sort(),
  );
  const english = shape(await textsOf("en"));
  for (const language of Object.keys(languages)) assert.deepEqual(shape(await textsOf(language)), english, language);
});

test("every text is used", async () => {
  const modules = readdirSync(folder).filter((name) => name.endsWith(".js"));
  const code = modules.map((name) => readFileSync(new URL(name, folder), "utf8")).join("\n");
  const unused = shape(await textsOf("en"))
    .map((path) => path.split(" ")[0].slice(1))
    .filter((path) => path !== "code")
    .filter((path) => {
      const parts = path.split(".");
      // A text may be found by its name in a table, such as t.fields[name].
      return !parts.some(
        (_, i) => code.includes(`t.${parts.slice(0, i + 1).join(".")}`) && (i > 0 || parts.length <= 2 || code.includes(`t.${parts[0]}[`)),
      );
    });
  assert.deepEqual(unused, []);
});

test("no module has a text of its own", () => {
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".js"))) {
    const code = readFileSync(new URL(name, folder), "utf8");
    for (const [, template] of code.matchAll(/html`((?:[^`\\$]|\\.|\$\{[^`]*?\})*)`/gs)) {
      const visible = template
        .replace(/\$\{[^}]*\}/g, "")
        .replace(/<code>.*?<\/code>|<kbd.*?<\/kbd>/gs, "")
        .replace(/<[^>]*>/gs, "");
      assert.doesNotMatch(visible, /\p{L}{3,}(?!\p{L}*[=}])/u, `${name}: ${template.slice(0, 200)}`);
      for (const [attribute] of template.matchAll(/(?:aria-label|title|placeholder)="[^"$]*\p{L}{3,}[^"]*"/gu))
        assert.fail(`${name}: ${attribute}`);
    }
  }
});

test("numbers follow the language", () => {
  const forms = { one: "# contact", other: "# contacts" };
  setLanguage("en");
  assert.deepEqual([plural(1, forms), plural(1234, forms)], ["1 contact", "1,234 contacts"]);
  setLanguage("de");
  assert.equal(plural(1234, forms), "1.234 contacts");
  setLanguage("en");
});
