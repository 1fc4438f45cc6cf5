// What the desk asks of the server over REST: signing in, complaint records, opening sessions. The
// staff cookie goes along by itself. Everything throws `Problem`.

import type { PublicJwk } from "../crypto/thumbprint";
import { request } from "../protocol/api";
import type {
  ComplaintId,
  DeviceId,
  EndedView,
  Ground,
  IdentityCheck,
  Language,
  OutcomeId,
  PersonId,
  Role,
  SessionId,
  Time,
} from "../protocol/types";

export interface Staff {
  id: string;
  name: string;
  display_name: string;
  role: string;
}

/** Where a case stands, as far as sessions move it. */
export type CaseState = "registered" | "mediating" | "adjourned" | "agreed" | "not_agreed";

export interface ComplaintSummary {
  id: ComplaintId;
  number: string;
  state: CaseState;
  sample: boolean;
  created_at: Time;
  subject: string;
  consumer: string;
  merchant: string;
  amount_fen: number | null;
}

/** What is written down of a complaint. Days are `YYYY-MM-DD`, money is fen. */
export interface ComplaintRecord {
  channel: string;
  source: string;
  registered_on: string | null;
  region_code: string;
  consumer: {
    name: string;
    phone: string;
    id_number: string | null;
    address: string;
    publication_consent: boolean;
    entrustment_consent: boolean;
  };
  merchant: {
    name: string;
    credit_code: string | null;
    address: string;
    legal_representative: string | null;
    contact: string | null;
  };
  item: { category: string; brand: string | null; model: string | null };
  purchased_on: string | null;
  sales_channel: string | null;
  order_number: string | null;
  issue_type: string;
  facts: string;
  requests: string[];
  amount_fen: number | null;
}

export type SessionEnd =
  | { is: "agreed" }
  | { is: "terminated"; ground: Ground }
  | { is: "adjourned"; next_at: Time | null };

export interface SessionEntry {
  session: SessionId;
  opened_at: Time;
  ended_at: Time | null;
  end: SessionEnd | null;
}

export interface SettlementEntry {
  session: SessionId;
  version: number;
  at: Time;
  hash: string;
}

export interface OutcomeEntry {
  outcome: OutcomeId;
  session: SessionId;
  at: Time;
}

export interface NewComplaint {
  id: ComplaintId;
}

export interface Complaint {
  id: ComplaintId;
  number: string;
  state: CaseState;
  sample: boolean;
  created_at: Time;
  subject: string;
  record: ComplaintRecord;
  history: { sessions: SessionEntry[]; settlements: SettlementEntry[]; outcomes: OutcomeEntry[] };
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface Entered {
  session: SessionId;
  device: DeviceId;
  person: PersonId;
}

const API = "/api/v1";

export const signIn = (name: string, password: string) =>
  request<Staff>("POST", `${API}/staff/login`, { name, password });
export const signInByLink = (token: string) => request<Staff>("POST", `${API}/staff/link`, { token });
export const signOut = () => request<null>("POST", `${API}/staff/logout`, {});
export const whoAmI = () => request<Staff>("GET", `${API}/staff/me`);

export const complaints = (q: string, cursor?: string) =>
  request<Page<ComplaintSummary>>(
    "GET",
    `${API}/complaints?limit=50&q=${encodeURIComponent(q)}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`,
  );

export const complaint = (id: ComplaintId) =>
  request<Complaint>("GET", `${API}/complaints/${encodeURIComponent(id)}`);

/** `key` makes a repeated request create one record only. */
export const createComplaint = (record: unknown, key: string) =>
  request<NewComplaint>("POST", `${API}/complaints`, { record }, { "idempotency-key": key });

export const openSession = (id: ComplaintId, jwk: PublicJwk, language: Language) =>
  request<Entered>("POST", `${API}/complaints/${encodeURIComponent(id)}/sessions`, { jwk, language });

export const enterSession = (id: SessionId, jwk: PublicJwk, language: Language) =>
  request<Entered>("POST", `${API}/sessions/${encodeURIComponent(id)}/enter`, { jwk, language });

/** What is kept of a session that ended without agreement (Order 121 art. 24). */
export interface MediationRecord {
  mediator: string;
  people: { role: Role; name: string; identity: IdentityCheck }[];
  versions_proposed: number;
  ended: EndedView | null;
}

export const mediationRecord = (id: SessionId) =>
  request<MediationRecord>("GET", `${API}/sessions/${encodeURIComponent(id)}/record`);

/** Part of a session's journal: each event's canonical JSON, exactly as it is hashed. */
export const journal = (id: SessionId, from: number) =>
  request<{ events: string[]; next: number | null }>(
    "GET",
    `${API}/sessions/${encodeURIComponent(id)}/journal?from=${from}`,
  );

export const outcomeBundle = (id: ComplaintId, outcome: OutcomeId) =>
  request<unknown>("GET", `${API}/complaints/${encodeURIComponent(id)}/outcomes/${outcome}/bundle`);

export const policy = () => request<unknown>("GET", `${API}/policy`);
