import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { languages, setLanguage } from "../static/assets/js/language.js";
import { plural } from "../static/assets/js/plural.js";

const folder = new URL("../static/assets/js/", import.meta.url);
const textFolders = ["texts", "pipeline-texts"];
const textsOf = async (language) =>
  Object.assign(
    {},
    ...(await Promise.all(textFolders.map(async (name) => (await import(new URL(`${name}/${language}.js`, folder))).default))),
  );

/** The paths of all texts, with what they are. */
function shape(value, path = "") {
  if (Array.isArray(value)) return [`${path} ${value.length} texts`];
  if (typeof value === "function") return [`${path} function`];
  if (typeof value === "string") return [path];
  const free = path === ".labels"; // a language may need none
  return free ? [] : Object.entries(value).flatMap(([name, inner]) => shape(inner, `${path}.${name}`));
}

test("every language has every text", async () => {
  for (const name of textFolders)
    assert.deepEqual(
      readdirSync(new URL(name, folder)).sort(),
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
      const tables = path.split(".").map((_, i, parts) => parts.slice(0, i).join("\\."));
      // A text may be found by its name in a table, such as t.fields[name].
      const uses = [`${path.replaceAll(".", "\\.")}\\b`, ...tables.slice(1).map((table) => `${table}(?![.\\w])`)];
      return !new RegExp(`\\bt\\.(?:${uses.join("|")})`).test(code);
    });
  assert.deepEqual(unused, []);
});

/** The HTML of the templates in a module, without the expressions between. */
function templates(code) {
  const found = [];
  let i = 0;
  const template = () => {
    const isHTML = code.slice(0, i - 1).endsWith("html");
    let text = "";
    for (; code[i] !== "`"; i++) {
      if (code[i] === "\\") i++;
      else if (code.startsWith("${", i)) {
        i += 2;
        expression();
        text += "·";
      } else text += code[i];
    }
    if (isHTML) found.push(text);
  };
  const expression = () => {
    for (let depth = 1; i < code.length; i++) {
      if (code[i] === "{") depth++;
      else if (code[i] === "}" && --depth === 0) return;
      else if (code[i] === "`") {
        i++;
        template();
      }
    }
  };
  for (let at = code.indexOf("html`"); at >= 0; at = code.indexOf("html`", i)) {
    i = at + "html`".length;
    template();
  }
  return found;
}

test("no module has a text of its own", () => {
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".js")))
    for (const template of templates(readFileSync(new URL(name, folder), "utf8"))) {
      const visible = template
        .replaceAll("Grapevine", "")
        .replace(/<(code|kbd)\b.*?<\/\1>/gs, "")
        .replace(/<[^>]*>/gs, "");
      assert.doesNotMatch(visible, /\p{L}{3,}/u, `${name}: ${template}`);
      assert.doesNotMatch(
        template.replaceAll("Grapevine", ""),
        /(?:aria-label|title|placeholder)="[^"]*\p{L}{3,}/u,
        `${name}: ${template}`,
      );
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
