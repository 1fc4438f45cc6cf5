// REST under /api/v1. Every answer that isn't a success is a `Problem` with a code that pages switch
// on (RFC 9457); `code` is "network" when there was no answer at all.
import type { Asked, Way } from "../media/trial";
import type { DeviceId, DocumentId, Language, PersonId, Role, SessionId, Surface, Time } from "./types";

export interface ProblemField {
  field: string;
  code: string;
  message: string;
}

export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    detail: string,
    readonly fields: ProblemField[] = [],
  ) {
    super(detail);
  }
}

export interface About {
  name: string;
  sample: boolean;
  time_zone: string;
  languages: Language[];
}

export interface GroundRules {
  version: string;
  lang: Language;
  /** Plain paragraphs, separated by empty lines. */
  text: string;
  /** SHA-256 of `text`, base64url. */
  hash: string;
}

export interface InvitationLook {
  state: "open" | "used" | "expired" | "revoked" | "locked" | "over";
  role: Role;
  name: string;
  surface: Surface;
  language: Language;
  subject: string;
  mediator: string;
  expires_at: Time;
  sample: boolean;
}

export interface Jwk {
  kty: string;
  crv: string;
  x: string;
  y: string;
}

export interface JoinRequest {
  token: string;
  jwk: Jwk;
  ground_rules: { version: string; hash: string; lang: Language };
  publication_consent: boolean;
  language: Language;
  /** What this browser is, at most 120 characters. */
  browser: string;
  /** The link was used before: knock as another device of the same person. */
  again: boolean;
}

export interface Joined {
  device: DeviceId;
  session: SessionId;
  person: PersonId;
}

export interface DeviceInfo extends Joined {
  role: Role;
  surface: Surface;
  language: Language;
  state: "waiting" | "in" | "refused" | "removed" | "replaced" | "left";
}

const TIMEOUT_MS = 20_000;

/** One request; JSON both ways. Throws `Problem`. */
export async function request<T>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  const raw = body instanceof Blob;
  const response = await send(path, {
    method,
    credentials: "same-origin",
    headers: {
      ...(method === "GET" ? {} : { "x-hejie": "1" }),
      ...(body === undefined ? {} : { "content-type": raw ? body.type : "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
  });
  const text = await response.text().catch(() => "");
  const json = parsed(text);
  if (response.ok) return json as T;
  const told = (json ?? {}) as { code?: string; detail?: string; title?: string; fields?: ProblemField[] };
  throw new Problem(
    told.code ?? `status_${response.status}`,
    response.status,
    told.detail ?? told.title ?? "",
    told.fields,
  );
}

async function send(path: string, init: RequestInit): Promise<Response> {
  const gone = new AbortController();
  const timer = setTimeout(() => gone.abort(), init.body instanceof Blob ? TIMEOUT_MS * 6 : TIMEOUT_MS);
  try {
    return await fetch(path, { ...init, signal: gone.signal });
  } catch {
    throw new Problem("network", 0, "");
  } finally {
    clearTimeout(timer);
  }
}

function parsed(text: string): unknown {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

const API = "/api/v1";

export const about = () => request<About>("GET", `${API}/about`);
export const groundRules = (lang: Language) =>
  request<GroundRules>("GET", `${API}/ground-rules?lang=${lang}`);
export const look = (token: string) => request<InvitationLook>("POST", `${API}/invitations/look`, { token });
export const join = (joining: JoinRequest) => request<Joined>("POST", `${API}/invitations/join`, joining);
export const device = (id: DeviceId) => request<DeviceInfo>("GET", `${API}/devices/${id}`);
/** Wipes the device's cookie, which scripts can't. */
export const forgetDevice = (id: DeviceId) => request<null>("DELETE", `${API}/devices/${id}`);
/** Asks for a connection to nobody, to try the network: as this device, or with a link not yet used. */
export const networkCheck = (as: { device: DeviceId } | { token: string }, sdp: string, via: Way) =>
  "device" in as
    ? request<Asked>("POST", `${API}/devices/${as.device}/network-check`, { sdp, via })
    : request<Asked>("POST", `${API}/network-check`, { sdp, via, token: as.token });
export const bundle = (id: DeviceId) => request<unknown>("GET", `${API}/devices/${id}/bundle`);

/** Shows a document in the session. `file` is a picture or a PDF of at most 8 MiB. */
export const upload = (id: DeviceId, name: string, file: Blob) =>
  request<{ document: DocumentId }>(
    "POST",
    `${API}/devices/${id}/documents?name=${encodeURIComponent(name)}`,
    file,
  );

export const documentUrl = (id: DeviceId, document: DocumentId) =>
  `${API}/devices/${id}/documents/${document}`;

/** Where the session's socket is, on this page's own host. */
export function socketUrl(id: DeviceId, at: { protocol: string; host: string } = location): string {
  return `${at.protocol === "https:" ? "wss" : "ws"}://${at.host}${API}/devices/${id}/ws`;
}
