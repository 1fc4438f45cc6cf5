// Generated from the server's types (src/session, src/edge/wire.rs); don't edit.
// HEJIE_WRITE_TYPES=1 cargo nextest run --test wire_types

export type Answer = { "is": "done" } | { "is": "answer", sdp: string, } | { "is": "invited", invitation: InvitationId, url: string, expires_at: Time, } | { "is": "sealed", outcome: OutcomeId, } | { "is": "refused", error: Refusal, detail: string, };

export type AssentView = { person: PersonId, role: Role, version: number, at: Time, };

export type Bye = "no_hello" | "superseded" | "out" | "abuse" | "too_slow" | "restarting" | "ended";

export type CaucusView = { inside: boolean, since: Time, 
/**
 * Names of the people inside, the mediator apart; empty for those outside.
 */
with: Array<string>, 
/**
 * Phase `returning`: when the rooms join again.
 */
joins_at: Time | null, };

export type ChangeKind = "added" | "changed" | "removed";

/**
 * A line of chat. Sent once; on a clean rejoin all that this person may read are sent again.
 */
export type ChatLine = { 
/**
 * Grows within what this person can see; not a count of what others wrote.
 */
at: Time, by: PersonId, text: string, 
/**
 * Said in a caucus.
 */
private: boolean, };

/**
 * One request of a connected device. On the wire `{"do": "say", …}`.
 */
export type Command = { "do": "say", text: string, } | { "do": "mute", muted: boolean, } | { "do": "camera", on: boolean, } | { "do": "raise_hand", up: boolean, } | { "do": "leave" } | { "do": "assent", version: number, hash: string, } | { "do": "withdraw_assent", version: number, } | { "do": "sign", version: number, protected: string, signature: string, } | { "do": "decline", version: number, reason: string, } | { "do": "invite", role: Role, name: string, side: Side | null, surface: Surface, language: Language, } | { "do": "revoke_invitation", invitation: InvitationId, } | { "do": "admit", device: DeviceId, identity: IdentityCheck, } | { "do": "identify", person: PersonId, identity: IdentityCheck, } | { "do": "refuse", device: DeviceId, reason: string, } | { "do": "mute_person", person: PersonId, muted: boolean, } | { "do": "remove", person: PersonId, reason: string, } | { "do": "lock", locked: boolean, } | { "do": "share_screen", on: boolean, } | { "do": "caucus", with: Array<PersonId>, } | { "do": "return_joint" } | { "do": "draft_open" } | { "do": "draft_edit", rev: number, terms: Array<Term>, } | { "do": "draft_propose", rev: number, } | { "do": "draft_close" } | { "do": "signing_open", version: number, } | { "do": "adjourn", reason: string, next_at: Time | null, } | { "do": "terminate", ground: Ground, note: string, };

/**
 * A complaint record (the case file).
 */
export type ComplaintId = string;

/**
 * One browser that joined as a person: it holds the cookie and the signing key.
 */
export type DeviceId = string;

/**
 * A photo or receipt shown in a session.
 */
export type DocumentId = string;

export type DocumentView = { document: DocumentId, name: string, 
/**
 * `image/jpeg`, `image/png`, `image/webp` or `application/pdf`.
 */
media_type: string, bytes: number, 
/**
 * SHA-256, base64url.
 */
hash: string, by: PersonId, at: Time, 
/**
 * Shown in a caucus: only those who were inside see it.
 */
private: boolean, };

export type DraftView = { 
/**
 * The working copy, as the mediator types it.
 */
rev: number, terms: Array<Term>, 
/**
 * What was put to the parties so far, oldest first.
 */
versions: Array<VersionView>, 
/**
 * Who agrees to the newest version. An edit empties this.
 */
assents: Array<AssentView>, };

export type EndedView = { at: Time, ground: Ground | null, 
/**
 * What the mediator wrote; for an adjournment the reason.
 */
note: string, next_at: Time | null, };

/**
 * What a device is sent. `seq` grows by one per recipient; a gap means: reconnect.
 */
export type Event = { "type": "welcome", connection: string, resumed: boolean, seq: number, now: Time, view: View | null, chat: Array<ChatLine>, media: MediaSetup, } | { "type": "view", seq: number, now: Time, view: View, } | { "type": "chat", seq: number, line: ChatLine, } | { "type": "reply", id: string, result: Answer, } | { "type": "pong", now: Time, } | { "type": "line", quality: Quality, of: PersonId | null, } | { "type": "echo", of: PersonId, } | { "type": "bye", why: Bye, again: boolean, };

/**
 * What a client may send.
 */
export type FromClient = { "type": "hello", resume: Resume | null, } | { "type": "command", id: string, command: Command, } | { "type": "offer", id: string, sdp: string, restart?: boolean, } | { "type": "show", slots: Array<[number, number]>, } | { "type": "ping" };

export type Grade = "good" | "fair" | "poor" | "lost";

/**
 * Why a mediation ends without agreement (Order 121 art. 23, items 1 to 8).
 */
export type Ground = "withdrawn" | "not_taking_part" | "no_agreement" | "appraisal_fees" | "time_limit" | "refusal_ground" | "death_or_end" | "other";

/**
 * A Merkle tree's head: of the session's journal.
 */
export type Head = { 
/**
 * Base64url.
 */
root: string, size: number, };

/**
 * One entry of a browser's `RTCConfiguration.iceServers`.
 */
export type IceServer = { 
/**
 * Such as `turn:turn.example:3478?transport=udp`.
 */
urls: Array<string>, username: string, credential: string, };

/**
 * How the mediator made sure who this is. Journalled; evidence, never proof.
 */
export type IdentityCheck = "document_seen" | "known_in_person" | "station_staff" | "details_matched" | "account" | "not_checked";

/**
 * One single-use link.
 */
export type InvitationId = string;

export type InvitationState = "open" | "used" | "expired" | "revoked";

export type InvitationView = { invitation: InvitationId, person: PersonId, role: Role, name: string, surface: Surface, language: Language, state: InvitationState, expires_at: Time, };

export type Knock = { device: DeviceId, person: PersonId, name: string, role: Role, surface: Surface, 
/**
 * What the browser said of itself, shortened.
 */
browser: string, since: Time, 
/**
 * Another device of this person is already in; admitting this one ends that one.
 */
replaces: boolean, 
/**
 * Still connected.
 */
here: boolean, };

export type Language = "zh" | "en";

export type Me = { person: PersonId, device: DeviceId, role: Role, name: string, place: Place, 
/**
 * RFC 7638 thumbprint of this device's key, once enrolled.
 */
enrolled: string | null, 
/**
 * The commands (`do`) that would be accepted now: pages show only these.
 */
may: Array<string>, };

/**
 * What to offer, and by which ways to reach the server.
 */
export type MediaSetup = { audio_slots: number, 
/**
 * The last one is the shared screen.
 */
video_slots: number, 
/**
 * Offer the camera in several layers.
 */
simulcast: boolean, 
/**
 * Relays for networks that let nothing else through; may be empty.
 */
ice_servers: Array<IceServer>, };

/**
 * A signed outcome; `oid` in the payload.
 */
export type OutcomeId = string;

export type OutcomeView = { outcome: OutcomeId, at: Time, 
/**
 * In the public log; the bundle can be fetched.
 */
included: boolean, };

/**
 * The side that performs a term.
 */
export type Performer = "consumer" | "merchant" | "both";

/**
 * Somebody invited to a session, whichever device they use.
 */
export type PersonId = string;

export type PersonView = { person: PersonId, 
/**
 * 0 to 7. The receiving slot for somebody in seat `s` on a device in seat `me` is
 * `s < me ? s : s - 1`, for sound and for camera alike; slot 7 of video is the shared screen.
 */
seat: number, role: Role, side: Side | null, name: string, 
/**
 * Whether this person and I are in the same room; the fields below are only told then.
 */
with_me: boolean, presence: Presence, 
/**
 * What the mediator checked of them; told to everyone, so that all know who was checked how.
 */
identity: IdentityCheck, muted: boolean, muted_by_mediator: boolean, camera: boolean, hand: boolean, screen: boolean, };

/**
 * Where a session stands (DOMAIN.md §3).
 */
export type Phase = "verifying" | "joint" | "caucus" | "returning" | "drafting" | "signing" | "agreed" | "terminated" | "adjourned";

/**
 * Where this device is.
 */
export type Place = "waiting" | "joint" | "caucus" | "out";

export type Presence = "here" | "reconnecting" | "aside" | "left";

/**
 * What a person is told of a connection.
 */
export type Quality = { grade: Grade, reason: Reason, video: Video, };

/**
 * What is worst about it.
 */
export type Reason = "none" | "loss" | "delay" | "narrow" | "silent";

/**
 * Why a command changed nothing.
 */
export type Refusal = "malformed" | "not_your_right" | "not_now" | "not_admitted" | "unknown" | "stale" | "invalid" | "full" | "closed" | "bad_signature" | "too_fast" | "unavailable";

export type Resume = { connection: string, seq: number, };

/**
 * What somebody is in a session. Rights hang on it (`rights`).
 */
export type Role = "consumer" | "merchant" | "mediator" | "helper" | "interpreter" | "observer";

/**
 * A mediation session on a complaint.
 */
export type SessionId = string;

/**
 * Whom a helper or interpreter stands by.
 */
export type Side = "consumer" | "merchant";

export type SignerView = { person: PersonId, role: Role, name: string, signed_at: Time | null, };

/**
 * A signing that came to nothing; the terms stay, to be changed and signed again.
 */
export type SigningBroken = { 
/**
 * Because of whom; nobody where time was up.
 */
by: PersonId | null, 
/**
 * Their name, since they may have left.
 */
name: string | null, why: Unsigned, 
/**
 * What they wrote on declining; may be empty.
 */
reason: string, };

/**
 * The ceremony: one document, the same bytes for everyone.
 */
export type SigningView = { version: number, outcome: OutcomeId, 
/**
 * The JWS payload, base64url. A device rebuilds it from what it shows and compares before signing.
 */
payload: string, 
/**
 * Every disclosure of the payload's `_sd` digests, base64url (RFC 9901).
 */
disclosures: Array<string>, signers: Array<SignerView>, 
/**
 * The journal head to sign (`jh`).
 */
journal: Head, expires_at: Time, };

/**
 * Which page a link opens: a phone's, or the shared screen's at a counter.
 */
export type Surface = "phone" | "station" | "desk";

/**
 * A term as drafted, assented to and signed.
 */
export type Term = { kind: TermKind, by: Performer, 
/**
 * In fen (1/100 yuan); absent where no money moves.
 */
amount_fen: number | null, 
/**
 * The day by which it is performed, `YYYY-MM-DD` in the agency's time zone; absent: at signing.
 */
due: string | null, 
/**
 * What exactly, in the parties' words. At most 2,000 characters; may be empty unless `free_text`.
 */
text: string, };

/**
 * One line of difference between two versions; `index` counts in the newer (for `removed`: the older).
 */
export type TermChange = { what: ChangeKind, index: number, };

/**
 * What the law lets a consumer claim (消费者权益保护法 arts. 50, 52, 53, 55) and free text.
 */
export type TermKind = "repair" | "redo" | "replace" | "return" | "make_up_quantity" | "refund" | "compensation" | "apology" | "continue_performance" | "return_prepayment" | "punitive" | "price_reduction" | "rescission" | "free_text";

/**
 * Milliseconds since 1970-01-01T00:00:00Z.
 */
export type Time = number;

export type Unsigned = "declined" | "gone" | "expired";

export type VersionView = { version: number, 
/**
 * SHA-256 of the terms' canonical JSON (RFC 8785), base64url.
 */
hash: string, at: Time, terms: Array<Term>, 
/**
 * Against the version before.
 */
changes: Array<TermChange>, };

/**
 * What pictures the server sends this client.
 */
export type Video = "full" | "reduced" | "off";

/**
 * A session as seen by the person behind one device.
 */
export type View = { session: SessionId, complaint: ComplaintId, 
/**
 * The complaint's registration number, for people to quote.
 */
number: string, 
/**
 * What it is about, in a few words.
 */
subject: string, 
/**
 * A made-up case for trying things out.
 */
sample: boolean, phase: Phase, phase_since: Time, opened_at: Time, locked: boolean, me: Me, 
/**
 * Everyone admitted, in the order of their seats.
 */
people: Array<PersonView>, 
/**
 * Who waits to be let in (mediator only).
 */
door: Array<Knock>, 
/**
 * Links made and what became of them (mediator only).
 */
invitations: Array<InvitationView>, caucus: CaucusView | null, draft: DraftView | null, signing: SigningView | null, 
/**
 * Why the last signing came to nothing, for those who were to sign, until the next opens.
 */
signing_broken: SigningBroken | null, outcome: OutcomeView | null, ended: EndedView | null, documents: Array<DocumentView>, 
/**
 * The session's journal as of the last event that everyone may know of.
 */
journal: Head, };
