// Requests to the API, each with a timeout. Problem documents (RFC 9457) become errors.

import { serverText } from "./server-text.js";
import { t } from "./texts.js";

const REQUEST_TIMEOUT = 15000;

/** A refusal by the server. `fields` maps a JSON pointer to the error of that field. */
export class Problem extends Error {
  /** @type {number} */
  status;
  /** @type {{pointer: string, detail: string}[]} */
  errors;
  /** @type {Record<string, string>} */
  fields;

  /**
   * @param {number} status
   * @param {any} body
   */
  constructor(status, body) {
    super(t.problems[body?.code] || serverText(body?.detail || body?.title || "") || t.common.serverAnswered(status));
    this.status = status;
    this.errors = body?.errors ?? [];
    this.fields = Object.fromEntries(this.errors.map((e) => [e.pointer, e.detail]));
  }
}

/** The server did not answer. */
export class Unreachable extends Error {
  status = 0;

  /** @param {unknown} [cause] */
  constructor(cause) {
    super(t.common.unreachable, { cause });
  }
}

/**
 * Whether the server may have done what was asked, although the answer was lost on the way.
 *
 * @param {any} error
 */
export const isOutcomeUnknown = (error) => error instanceof Unreachable || (error instanceof Problem && error.status >= 500);

/** @param {string} text */
function parseJSON(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // empty, or a proxy's page: the status is enough
  }
}

/** The API of one workspace. Its methods throw Problem or Unreachable. */
export class Api {
  /** @type {string} */
  workspace;
  /** By how many milliseconds the server's clock is ahead of this machine's, exact to about a second. */
  clockOffset = 0;

  /** @param {string} workspace */
  constructor(workspace) {
    this.workspace = workspace;
  }

  /** The time on the server's clock. */
  now() {
    return Date.now() + this.clockOffset;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {RequestOptions} [options]
   * @returns {Promise<ApiAnswer>}
   */
  async request(method, path, { body, headers = {}, minPosition, signal, keepalive } = {}) {
    /** @type {Record<string, string>} */
    const allHeaders = { Workspace: this.workspace, Accept: "application/json", ...headers };
    if (minPosition) allHeaders["Min-Position"] = minPosition;
    if (body !== undefined && !allHeaders["Content-Type"]) allHeaders["Content-Type"] = "application/json";
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT);
    let response;
    try {
      response = await fetch(path, {
        method,
        headers: allHeaders,
        body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        keepalive,
        cache: "no-store",
      });
    } catch (e) {
      if (signal?.aborted) throw e;
      throw new Unreachable(e);
    }
    const date = Date.parse(response.headers.get("Date") ?? "");
    if (date) this.clockOffset = date + 500 - Date.now();
    const parsed = parseJSON(await response.text());
    if (!response.ok) throw new Problem(response.status, parsed);
    return { status: response.status, body: parsed, position: response.headers.get("Position"), etag: response.headers.get("ETag") };
  }

  /**
   * @param {string} path
   * @param {RequestOptions} [options]
   */
  get(path, options) {
    return this.request("GET", path, options);
  }

  /**
   * @param {PartialContact} contact
   * @param {string} idempotencyKey
   */
  create(contact, idempotencyKey) {
    return this.request("POST", "/contacts", { body: contact, headers: { "Idempotency-Key": idempotencyKey } });
  }

  /**
   * @param {string} id
   * @param {object} patch a JSON merge patch
   * @param {string | null} [etag]
   */
  patch(id, patch, etag) {
    return this.request("PATCH", `/contacts/${id}`, {
      body: patch,
      headers: { "Content-Type": "application/merge-patch+json", ...(etag ? { "If-Match": etag } : {}) },
    });
  }

  /**
   * @param {string} id
   * @param {string | null} [etag]
   * @param {boolean} [keepalive] send it even if the page is being left
   */
  remove(id, etag, keepalive) {
    return this.request("DELETE", `/contacts/${id}`, { headers: etag ? { "If-Match": etag } : {}, keepalive });
  }

  /**
   * @param {string} what "companies", "tags" or "months"
   * @param {MaybePosition} minPosition
   * @returns {Promise<any[]>}
   */
  stats(what, minPosition) {
    return this.get(`/contacts/stats/${what}`, { minPosition }).then((answer) => answer.body.items);
  }

  /**
   * Sends a file as it is; the server finds out what it holds. fetch does not report the progress of an upload, so this
   * uses XMLHttpRequest.
   *
   * @param {string} path
   * @param {Blob} file
   * @param {{headers: Record<string, string>, signal: AbortSignal, onProgress: (sent: number) => void}} options
   *   onProgress gets the part that has been sent, from 0 to 1
   * @returns {Promise<{body: any, position: string | null}>}
   */
  upload(path, file, { headers, signal, onProgress }) {
    return new Promise((resolve, reject) => {
      const xhr = new XMLHttpRequest();
      xhr.open("POST", path);
      xhr.setRequestHeader("Workspace", this.workspace);
      xhr.setRequestHeader("Content-Type", "application/octet-stream");
      for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
      xhr.upload.onprogress = (e) => onProgress(e.total ? e.loaded / e.total : 1);
      xhr.upload.onload = () => onProgress(1);
      xhr.onerror = () => reject(new Unreachable());
      xhr.onabort = () => reject(new Unreachable());
      xhr.onload = () => {
        const body = parseJSON(xhr.responseText);
        if (xhr.status >= 200 && xhr.status < 300) resolve({ body, position: xhr.getResponseHeader("Position") });
        else reject(new Problem(xhr.status, body));
      };
      signal.addEventListener("abort", () => xhr.abort());
      xhr.send(file);
    });
  }
}

/** A random id. crypto.randomUUID is missing on pages that are not a secure context. */
export const randomId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
