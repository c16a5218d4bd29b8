// A request that a person tries on the page of the API.

import { shellQuote } from "./shell-quote.js";

/**
 * @typedef {object} RequestPlan
 * @property {string} method
 * @property {string} path with its parameters in it
 * @property {Record<string, string>} headers
 * @property {string} [body]
 */

/**
 * @param {string} method
 * @param {string} template such as /contacts/{id}
 * @param {{name: string, in: string}[]} parameters
 * @param {Record<string, string>} values by name; a parameter without a value is left out
 * @param {{type: string, text: string} | undefined} body
 * @returns {RequestPlan}
 */
export function planRequest(method, template, parameters, values, body) {
  const query = new URLSearchParams();
  /** @type {Record<string, string>} */
  const headers = {};
  let path = template;
  for (const { name, in: place } of parameters) {
    const value = values[name] ?? "";
    if (place === "path") path = path.replace(`{${name}}`, encodeURIComponent(value));
    else if (value && place === "query") for (const one of value.split("\n")) query.append(name, one);
    else if (value && place === "header") headers[name] = value;
  }
  if (body?.text) headers["Content-Type"] = body.type;
  const search = query.toString();
  return { method: method.toUpperCase(), path: search ? `${path}?${search}` : path, headers, body: body?.text || undefined };
}

/**
 * The request as a command of curl.
 *
 * @param {string} origin
 * @param {RequestPlan} plan
 */
export function curlCommand(origin, { method, path, headers, body }) {
  const parts = ["curl -si"];
  if (method !== "GET") parts.push(`-X ${method}`);
  for (const [name, value] of Object.entries(headers)) parts.push(`-H ${shellQuote(`${name}: ${value}`)}`);
  if (body) parts.push(`-d ${shellQuote(body)}`);
  return [...parts, shellQuote(origin + path)].join(" ");
}
