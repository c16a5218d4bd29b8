// Schemas of the OpenAPI document, as rows that a page can show, and as examples.

const MAX_DEPTH = 3; // objects within objects are shown this deep

/** @typedef {Record<string, any>} Schema */

/** @typedef {{name: string, type: string, required: boolean, description: string, depth: number}} SchemaRow */

/**
 * What a reference of the document leads to; anything else as it is.
 *
 * @param {any} document
 * @param {any} node
 * @returns {any}
 */
export function resolve(document, node) {
  let found = node;
  while (found?.$ref) {
    const { $ref, ...beside } = found;
    const target = $ref
      .split("/")
      .slice(1)
      .reduce((/** @type {any} */ part, /** @type {string} */ name) => part?.[name.replaceAll("~1", "/").replaceAll("~0", "~")], document);
    found = { ...target, ...beside };
  }
  return found;
}

/**
 * The schema with its parts of allOf put together.
 *
 * @param {any} document
 * @param {Schema} node
 * @returns {Schema}
 */
function whole(document, node) {
  const schema = resolve(document, node) ?? {};
  if (!schema.allOf) return schema;
  const { allOf, ...own } = schema;
  return allOf
    .map((/** @type {Schema} */ part) => whole(document, part))
    .reduce(
      (/** @type {Schema} */ all, /** @type {Schema} */ part) => ({
        ...all,
        ...part,
        properties: { ...all.properties, ...part.properties },
        required: [...(all.required ?? []), ...(part.required ?? [])],
      }),
      own,
    );
}

/**
 * A type in words, such as [string] or "person" | "organization".
 *
 * @param {any} document
 * @param {Schema} node
 * @returns {string}
 */
export function typeText(document, node) {
  const schema = whole(document, node);
  const choices = schema.anyOf ?? schema.oneOf;
  if (schema.enum) return schema.enum.map((/** @type {unknown} */ value) => JSON.stringify(value)).join(" | ");
  if (choices) return [...new Set(choices.map((/** @type {Schema} */ choice) => typeText(document, choice)))].join(" | ");
  if (schema.type === "array") return `[${typeText(document, schema.items ?? {})}]`;
  const limits = [
    schema.format,
    schema.maxLength && `≤ ${schema.maxLength}`,
    schema.maxItems && `≤ ${schema.maxItems}`,
    schema.minimum !== undefined && `≥ ${schema.minimum}`,
    schema.maximum !== undefined && `≤ ${schema.maximum}`,
    schema.nullable && "null",
  ].filter(Boolean);
  const type = Array.isArray(schema.type) ? schema.type.join(" | ") : (schema.type ?? (schema.properties ? "object" : "any"));
  return limits.length ? `${type} (${limits.join(", ")})` : type;
}

/**
 * The properties of a schema, those of inner objects below their own.
 *
 * @param {any} document
 * @param {Schema} node
 * @returns {SchemaRow[]}
 */
export function schemaRows(document, node, depth = 0) {
  const schema = whole(document, node);
  if (schema.type === "array") return schemaRows(document, schema.items ?? {}, depth);
  if (depth >= MAX_DEPTH) return [];
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => [
    {
      name,
      type: typeText(document, property),
      required: (schema.required ?? []).includes(name),
      description: whole(document, property).description ?? "",
      depth,
    },
    ...schemaRows(document, property, depth + 1),
  ]);
}

/**
 * A value that fits a schema: its example, or one with what is required.
 *
 * @param {any} document
 * @param {Schema} node
 * @returns {any}
 */
export function exampleOf(document, node) {
  const schema = whole(document, node);
  if (schema.example !== undefined) return schema.example;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  const [choice] = schema.anyOf ?? schema.oneOf ?? [];
  if (choice) return exampleOf(document, choice);
  if (schema.type === "array") return [];
  if (schema.properties) {
    const required = Object.entries(schema.properties).filter(([name]) => schema.required?.includes(name));
    return Object.fromEntries(required.map(([name, property]) => [name, exampleOf(document, property)]));
  }
  return /** @type {Record<string, unknown>} */ ({ integer: 0, number: 0, boolean: false })[schema.type] ?? "";
}
