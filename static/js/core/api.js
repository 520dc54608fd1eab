/** The only place that asks the server. Errors carry the server's localised sentence. */
import { begin, end } from "./ready.js";

export class ApiError extends Error {
  constructor(message, { status = 0, code = "network", params = {} } = {}) {
    super(message);
    Object.assign(this, { status, code, params });
  }
}

let csrfToken = "";
let offlineText = "";

/** Give the token of the session and the sentence for "no answer". */
export function configure({ csrf_token: token = "", offline = "" }) {
  csrfToken = token;
  offlineText = offline;
}

/** `path` with query parameters; empty ones are left out. */
export function address(path, params = {}) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value === undefined || value === null || value === "") continue;
    query.set(key, typeof value === "object" ? JSON.stringify(value) : String(value));
  }
  const text = query.toString();
  if (!text) return path;
  return `${path}${path.includes("?") ? "&" : "?"}${text}`;
}

async function problem(response) {
  let body = {};
  try {
    body = await response.json();
  } catch {
    /* not JSON: a proxy's page */
  }
  return new ApiError(body.title || `${offlineText} (${response.status})`, { ...body, status: response.status });
}

async function ask(path, options, read = (response) => response.json()) {
  begin();
  try {
    let response;
    try {
      response = await fetch(path, { credentials: "same-origin", ...options });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new ApiError(offlineText);
    }
    if (response.status === 401) {
      location.assign("/dang-nhap");
      throw await problem(response);
    }
    if (!response.ok) throw await problem(response);
    return response.status === 204 ? null : await read(response);
  } finally {
    end();
  }
}

/** GET JSON. */
export const get = (path, params = {}, { signal } = {}) =>
  ask(address(path, params), { signal, headers: { Accept: "application/json" } });

const tagged = async (response) => ({ body: response.status === 204 ? null : await response.json(), version: Number((response.headers.get("ETag") || "").replace(/\D/g, "")) });

/** GET JSON with the version of what it tells: {body, version}. */
export const getTagged = (path) => ask(path, { headers: { Accept: "application/json" } }, tagged);

/** The answer itself, of this site and of nobody who asks to sign in. */
export const getFile = async (path, { signal } = {}) => {
  const response = await ask(path, { signal }, (found) => found);
  if (response.redirected) throw new ApiError(offlineText);
  return response;
};

/** A page of this site as a document of its own, for parts that are shown anew without a reload. */
export const getPage = async (path) =>
  new DOMParser().parseFromString(await ask(path, { headers: { Accept: "text/html" } }, (response) => response.text()), "text/html");

const freshKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** A request that changes something; `version` is the one it starts from. A POST has a key (`key`: one's own), so that it counts once. */
export const send = (method, path, body, { version, key = method === "POST" ? freshKey() : undefined, withVersion = false } = {}) =>
  ask(path, {
    method,
    headers: {
      "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrfToken,
      ...(version === undefined ? {} : { "If-Match": `"${version}"` }),
      ...(key === undefined ? {} : { "Idempotency-Key": key }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  }, withVersion ? tagged : undefined);
