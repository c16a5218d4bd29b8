// Requests to the API, each bounded in time, and problem documents (RFC 9457) as errors.

const PATIENCE = 15000;

/** What the server refused, in its own words. `fields` maps a JSON pointer to a sentence. */
export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail || body?.title || `The server answered ${status}.`);
    this.status = status;
    this.errors = body?.errors ?? [];
    this.fields = Object.fromEntries(this.errors.map((e) => [e.pointer, e.detail]));
  }
}

/** The network, not the server, said no. */
export class Unreachable extends Error {
  constructor(cause) {
    super("The server cannot be reached.", { cause });
    this.status = 0;
  }
}

export class Api {
  constructor(workspace) {
    this.workspace = workspace;
    this.ahead = 0; // milliseconds by which the server's clock is ahead of this machine's, to about a second
  }

  /** The time on the server's clock. */
  now() {
    return Date.now() + this.ahead;
  }

  /** → {status, body, position, etag}; throws Problem or Unreachable. */
  async request(method, path, { body, headers = {}, minPosition, signal, keepalive } = {}) {
    const all = { Workspace: this.workspace, Accept: "application/json", ...headers };
    if (minPosition) all["Min-Position"] = minPosition;
    if (body !== undefined && !all["Content-Type"]) all["Content-Type"] = "application/json";
    const bound = AbortSignal.timeout(PATIENCE);
    let response;
    try {
      response = await fetch(path, {
        method,
        headers: all,
        body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
        signal: signal ? AbortSignal.any([signal, bound]) : bound,
        keepalive,
        cache: "no-store",
      });
    } catch (e) {
      if (signal?.aborted) throw e;
      throw new Unreachable(e);
    }
    const date = Date.parse(response.headers.get("Date") ?? "");
    if (date) this.ahead = date + 500 - Date.now();
    const text = await response.text();
    let parsed = null;
    try {
      parsed = text ? JSON.parse(text) : null;
    } catch {
      // A proxy's page instead of JSON: the status says enough.
    }
    if (!response.ok) throw new Problem(response.status, parsed);
    return { status: response.status, body: parsed, position: response.headers.get("Position"), etag: response.headers.get("ETag") };
  }

  get(path, options) {
    return this.request("GET", path, options);
  }

  create(contact, key) {
    return this.request("POST", "/contacts", { body: contact, headers: { "Idempotency-Key": key } });
  }

  patch(id, patch, etag) {
    return this.request("PATCH", `/contacts/${id}`, {
      body: patch,
      headers: { "Content-Type": "application/merge-patch+json", ...(etag ? { "If-Match": etag } : {}) },
    });
  }

  remove(id, etag, keepalive) {
    return this.request("DELETE", `/contacts/${id}`, { headers: etag ? { "If-Match": etag } : {}, keepalive });
  }

  stats(what, minPosition) {
    return this.get(`/contacts/stats/${what}`, { minPosition }).then((r) => r.body.items);
  }

  /** Sends a file; progress(sent, total) while it leaves. fetch cannot tell, so this is XMLHttpRequest. */
  upload(path, text, type, progress) {
    return new Promise((resolve, reject) => {
      const xhr = new XMLHttpRequest();
      xhr.open("POST", path);
      xhr.setRequestHeader("Workspace", this.workspace);
      xhr.setRequestHeader("Content-Type", type);
      xhr.upload.onprogress = (e) => progress(e.loaded, e.total);
      xhr.onerror = () => reject(new Unreachable());
      xhr.onload = () => {
        let body = null;
        try {
          body = JSON.parse(xhr.responseText);
        } catch {
          // As above.
        }
        if (xhr.status >= 200 && xhr.status < 300) resolve({ body, position: xhr.getResponseHeader("Position") });
        else reject(new Problem(xhr.status, body));
      };
      xhr.send(text);
    });
  }
}

/** A random id, also where the page is not a secure context and crypto.randomUUID is missing. */
export const randomId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
