// A server played in the page, for looking at pages in `npm run dev`: `?mock=SCENE` answers fetch and
// WebSocket from made-up views, and offers from a second peer connection with painted pictures. Not in
// any build: only development code reaches it.
import { encode } from "../crypto/base64url";
import { canonBytes, type Json } from "../crypto/canon";
import { sha256Text } from "../crypto/hash";
import { newKey } from "../crypto/keys";
import { thumbprint } from "../crypto/thumbprint";
import type { Quality, Sent, Video } from "./frames";
import type { Event } from "./socket";
import type { FromClient, PersonView, Phase, Role, SigningView, Term, VersionView, View } from "./types";

const now = Date.now();
const asked = new URLSearchParams(location.search);
const scene = asked.get("mock") ?? "joint";
const role: Role =
  (asked.get("role") as Role) ?? (location.pathname.startsWith("/station") ? "merchant" : "consumer");
const DEVICE = "mock-device";
const MEDIA = { audio_slots: 7, video_slots: 8, ice_servers: [], simulcast: false };

const RULES = `一、自愿。是否参加、是否达成协议，都由您自己决定。任何一方可以随时离开。

二、保密。调解中说的话、看到的材料不对外公开。为达成协议作出的让步，一般不得在以后的诉讼中作为对您不利的证据。

三、如实。请如实说明情况，不冒用他人身份。

四、不录音录像。系统默认不录制；背对背谈话从不录制。

五、电子签名。您同意用本设备上产生的密钥签署协议，并认可其效力。`;

const TERMS: Term[] = [
  { kind: "refund", by: "merchant", amount_fen: 128000, due: "2026-12-05", text: "退回到原付款账户。" },
  {
    kind: "return",
    by: "consumer",
    amount_fen: null,
    due: "2026-12-01",
    text: "电饭煲一台及全部配件，寄费由商家承担。",
  },
  { kind: "apology", by: "merchant", amount_fen: null, due: null, text: "" },
];
const EARLIER: Term[] = [
  { ...(TERMS[0] as Term), amount_fen: 100000 },
  TERMS[1] as Term,
  { kind: "repair", by: "merchant", amount_fen: null, due: "2026-12-10", text: "" },
];

function person(
  id: string,
  seat: number,
  who: Role,
  name: string,
  more: Partial<PersonView> = {},
): PersonView {
  return {
    person: id,
    seat,
    role: who,
    side: null,
    name,
    with_me: true,
    presence: "here",
    identity: who === "mediator" ? "account" : "document_seen",
    muted: false,
    muted_by_mediator: false,
    camera: true,
    hand: false,
    screen: false,
    ...more,
  };
}

const people = () => [
  person("p-m", 0, "mediator", "陈静"),
  person("p-c", 1, "consumer", "李秀兰"),
  person("p-s", 2, "merchant", "王强 · 惠民电器"),
  person("p-h", 3, "helper", "李晓明", { side: "consumer", camera: false, muted: true, hand: true }),
];
const mine = role === "merchant" ? "p-s" : role === "mediator" ? "p-m" : "p-c";

async function view(): Promise<View> {
  const made: View = {
    session: "s-1",
    complaint: "c-1",
    number: "京朝市监诉 20261123-0017",
    subject: "电饭煲质量争议",
    sample: true,
    phase: (["joint", "caucus", "drafting", "signing", "agreed", "terminated", "adjourned"].includes(scene)
      ? scene
      : "joint") as Phase,
    phase_since: now - 130_000,
    opened_at: now - 760_000,
    locked: false,
    me: {
      person: mine,
      device: DEVICE,
      role,
      name: people().find((one) => one.person === mine)?.name ?? "",
      place: "joint",
      enrolled: await jkt(),
      may: ["say", "mute", "camera", "raise_hand", "leave"],
    },
    people: people(),
    door: [],
    invitations: [],
    caucus: null,
    draft: null,
    signing: null,
    signing_broken: null,
    outcome: null,
    ended: null,
    documents: [],
    journal: { size: 21, root: "8nT2r1yZ0p0n3x1bD6jv5Yb1r1kQb1v9sS6W3o0lJXQ" },
  };
  await SCENES[scene]?.(made);
  return made;
}

const apart = (view: View, who: (one: PersonView) => boolean) => {
  for (const one of view.people) {
    if (who(one)) continue;
    one.with_me = false;
    one.presence = "aside";
    one.camera = false;
  }
};

const version = async (
  number: number,
  terms: Term[],
  changes: VersionView["changes"],
): Promise<VersionView> => ({
  version: number,
  hash: await sha256Text(canonBytes(terms as unknown as Json)),
  at: now - 60_000 / number,
  terms,
  changes,
});

const SCENES: Record<string, (view: View) => void | Promise<void>> = {
  waiting: (view) => {
    view.phase = "verifying";
    view.me.place = "waiting";
    view.me.may = ["leave"];
    view.people = [];
  },
  alone: (view) => {
    view.people = view.people.filter((one) => one.person === mine);
  },
  inside: (view) => {
    view.phase = "caucus";
    view.me.place = "caucus";
    view.caucus = { inside: true, since: now - 130_000, with: ["李秀兰"], joins_at: null };
    const other = role === "merchant" ? "p-c" : "p-s";
    apart(view, (one) => one.person !== other && one.role !== "helper");
  },
  outside: (view) => {
    view.phase = "caucus";
    view.caucus = { inside: false, since: now - 130_000, with: [], joins_at: null };
    apart(view, (one) => one.person === mine);
  },
  returning: (view) => {
    view.phase = "returning";
    view.caucus = { inside: false, since: now - 130_000, with: [], joins_at: Date.now() + 3000 };
    apart(view, (one) => one.person === mine);
  },
  drafting: async (view) => {
    const versions = [
      await version(1, EARLIER, []),
      await version(2, TERMS, [
        { what: "changed", index: 0 },
        { what: "added", index: 2 },
        { what: "removed", index: 2 },
      ]),
    ];
    view.draft = {
      rev: 7,
      terms: TERMS,
      versions,
      assents: [{ person: "p-s", role: "merchant", version: 2, at: now - 5000 }],
    };
    view.me.may.push("assent");
  },
  signing: async (view) => {
    await SCENES.drafting?.(view);
    view.phase = "signing";
    view.me.may = ["say", "mute", "camera", "leave", "sign", "decline"];
    view.signing = await signing(view);
  },
  agreed: async (view) => {
    await SCENES.signing?.(view);
    view.phase = "agreed";
    view.signing = null;
    view.outcome = { outcome: "b2lkMTIzNDU2Nzg5MDEyMw", at: now - 20_000, included: true };
  },
  terminated: (view) => {
    view.ended = { at: now, ground: "no_agreement", note: "双方对退款金额差距较大。", next_at: null };
  },
  adjourned: (view) => {
    view.ended = { at: now, ground: null, note: "等待检测报告。", next_at: now + 5 * 86_400_000 };
  },
  reconnecting: (view) => {
    for (const one of view.people) if (one.person !== mine) one.presence = "reconnecting";
  },
  files: (view) => {
    view.documents = [
      {
        document: "d1",
        name: "收据.jpg",
        media_type: "image/jpeg",
        bytes: 120_000,
        hash: "x",
        by: "p-c",
        at: now - 90_000,
        private: false,
      },
      {
        document: "d2",
        name: "检测报告.pdf",
        media_type: "application/pdf",
        bytes: 320_000,
        hash: "x",
        by: "p-s",
        at: now - 60_000,
        private: true,
      },
    ];
  },
};

const CHAT = [
  { at: now - 300_000, by: "p-m", text: "两位好，我是调解员陈静。请先各自说说情况。", private: false },
  { at: now - 200_000, by: "p-c", text: "电饭煲用了两周就不通电了，我有收据。", private: false },
  { at: now - 100_000, by: "p-s", text: "可以先送检，也可以直接换一台。", private: false },
];

async function jkt(): Promise<string> {
  const held = await import("../crypto/keys");
  if (!(await held.holds(DEVICE))) await (await newKey()).store(DEVICE);
  return thumbprint(await held.publicKey(DEVICE));
}

/** A document as the server would make it, salts and all. */
async function signing(view: View): Promise<SigningView> {
  const disclosures: string[] = [];
  const sd = async (members: Record<string, string>) => {
    const digests: string[] = [];
    for (const [name, value] of Object.entries(members)) {
      const salt = encode(crypto.getRandomValues(new Uint8Array(16)));
      const text = encode(canonBytes([salt, name, value]));
      disclosures.push(text);
      digests.push(await sha256Text(new TextEncoder().encode(text)));
    }
    return digests.sort();
  };
  const signers = (["consumer", "merchant", "mediator"] as const).map((one) => {
    const found = view.people.find((other) => other.role === one) as PersonView;
    return {
      person: found.person,
      role: one,
      name: found.name,
      signed_at: one === "mediator" ? now - 5000 : null,
    };
  });
  const own = view.me.enrolled ?? "";
  const other = await sha256Text(new TextEncoder().encode("other"));
  const third = await sha256Text(new TextEncoder().encode("third"));
  let spare = [other, third];
  const parties = [];
  for (const one of signers) {
    const key = one.person === view.me.person ? own : (spare.shift() ?? "");
    parties.push({ role: one.role, jkt: key, _sd: await sd({ name: one.name, identity: "document_seen" }) });
  }
  spare = [];
  const terms = [];
  for (const { kind, by, amount_fen, due, text } of TERMS)
    terms.push({ kind, by, amount_fen, due, _sd: await sd({ text }) });
  const oid = encode(crypto.getRandomValues(new Uint8Array(16)));
  const zero = encode(new Uint8Array(32));
  const payload = {
    v: 1,
    iss: "https://hejie.example",
    oid,
    ver: 1,
    prev: null,
    mode: "mediated",
    parties,
    terms,
    publication: false,
    anchor: { origin: "hejie.example/log", size: 40, root: zero },
    journal: { size: 21, root: zero },
    recordings: [],
    _sd_alg: "sha-256",
    _sd: await sd({
      complaint_number: view.number,
      session: view.session,
      subject: view.subject,
      agency: "朝阳区市场监督管理局",
    }),
  };
  return {
    version: 2,
    outcome: oid,
    payload: encode(canonBytes(payload as unknown as Json)),
    disclosures,
    signers,
    journal: { size: 21, root: zero },
    expires_at: now + 600_000,
  };
}

/** Takes over fetch and WebSocket of this page. */
export function play(): void {
  const real = window.fetch.bind(window);
  window.fetch = async (input, init) => {
    const path = new URL(String(input), location.href).pathname;
    const answer = path.endsWith("/network-check") ? await networkCheck(init) : await rest(path);
    if (answer === undefined)
      return path.startsWith("/api") ? json({ code: "not_found" }, 404) : real(input, init);
    return answer;
  };
  window.WebSocket = Played as unknown as typeof WebSocket;
}

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });

/** `&net=tcp` lets only TCP through, `&net=none` nothing; else everything but a relay. */
async function networkCheck(init?: RequestInit): Promise<Response> {
  const { sdp, via } = JSON.parse(String(init?.body)) as { sdp: string; via: string };
  const net = asked.get("net") ?? "all";
  const pc = new RTCPeerConnection();
  await pc.setRemoteDescription({ type: "offer", sdp });
  const whole = await complete(pc);
  const open = net === "all" || net === via;
  // To a port where nobody answers.
  const answer = open ? whole : whole.replace(/^(a=candidate:\S+ \d \S+ \d+) \S+ \d+/gm, "$1 192.0.2.1 9");
  return json({ sdp: answer, ice_servers: [] });
}

async function rest(path: string): Promise<Response | undefined> {
  const at = path.replace("/api/v1/", "");
  if (at === "about")
    return json({
      name: "朝阳消费维权服务站",
      sample: true,
      time_zone: "Asia/Shanghai",
      languages: ["zh", "en"],
    });
  if (at === "ground-rules") return json({ version: "1", lang: "zh", text: RULES, hash: "Zm9vYmFyYmF6cXV4" });
  if (at === "invitations/look") {
    const state = ["used", "expired", "revoked", "locked"].includes(scene) ? scene : "open";
    const name = role === "merchant" ? "王强" : "李秀兰";
    const expires_at = now + 86_400_000;
    return json({
      state,
      role,
      name,
      surface: "phone",
      language: "zh",
      subject: "电饭煲质量争议",
      mediator: "陈静",
      expires_at,
      sample: true,
    });
  }
  if (at === "invitations/join") return json({ device: DEVICE, session: "s-1", person: mine }, 201);
  if (at === `devices/${DEVICE}`)
    return json({
      device: DEVICE,
      session: "s-1",
      person: mine,
      role,
      surface: "phone",
      language: "zh",
      state: "in",
    });
  if (at === `devices/${DEVICE}/bundle`) {
    return json({
      outcome: { payload: "e30", signatures: [] },
      proof: "c2sp.org/tlog-proof@v1\nindex 41\n\nhejie.example/log\n42\nqL1m0cZQ3t4c8g2Jf2M1\n",
    });
  }
  return undefined;
}

class Played {
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  private seq = 0;

  constructor() {
    setTimeout(() => {
      this.readyState = 1;
      this.onopen?.();
    }, 30);
  }

  close(): void {
    this.readyState = 3;
  }

  send(text: string): void {
    void this.hear(JSON.parse(text) as FromClient | Sent);
  }

  /** `&hint=poor`, `off`, `others`, `echo`: what the server says of lines in passing. */
  private hints(): void {
    const hint = asked.get("hint");
    const quality = (video: Video): Quality => ({ grade: "poor", reason: "loss", video });
    if (hint === "poor" || hint === "off")
      this.say({ type: "line", of: null, quality: quality(hint === "off" ? "off" : "reduced") });
    if (hint === "others")
      for (const of of ["p-m", "p-s", "p-c"]) this.say({ type: "line", of, quality: quality("off") });
    if (hint === "echo") this.say({ type: "echo", of: asked.get("of") ?? mine });
  }

  private say(event: Event): void {
    if (this.readyState === 1) this.onmessage?.({ data: JSON.stringify(event) });
  }

  private async hear(frame: FromClient | Sent): Promise<void> {
    switch (frame.type) {
      case "hello":
        this.say({
          type: "welcome",
          connection: "mock",
          resumed: false,
          seq: 0,
          now: Date.now(),
          view: await view(),
          chat: scene === "waiting" ? [] : CHAT,
          media: MEDIA,
        });
        this.hints();
        return;
      case "offer":
        this.say({
          type: "reply",
          id: frame.id,
          result: { is: "answer", sdp: await answer(frame.sdp, "restart" in frame) },
        });
        return;
      case "show":
        console.info("shown", JSON.stringify(frame.slots));
        return;
      case "command":
        this.say({ type: "reply", id: frame.id, result: { is: "done" } });
        if (frame.command.do === "say") {
          const line = { at: Date.now(), by: mine, text: frame.command.text, private: false };
          this.say({ type: "chat", seq: ++this.seq, line });
        }
        return;
      case "ping":
        this.say({ type: "pong", now: Date.now() });
    }
  }
}

/** Answers like the server: takes what is sent, fills the first three picture slots. */
async function answer(sdp: string, restart: boolean): Promise<string> {
  console.info(`offer of ${sdp.length} bytes${restart ? ", restarting" : ""}`);
  const pc = restart && running ? running : new RTCPeerConnection();
  running = pc;
  await pc.setRemoteDescription({ type: "offer", sdp });
  if (restart) return complete(pc);
  let slot = 0;
  for (const transceiver of pc.getTransceivers()) {
    if (transceiver.receiver.track.kind !== "video") continue;
    const fromClient = slot < 2;
    slot += 1;
    if (fromClient || slot > 5) continue;
    transceiver.direction = "sendonly";
    await transceiver.sender.replaceTrack(painted(slot));
  }
  return complete(pc);
}

let running: RTCPeerConnection | null = null;

async function complete(pc: RTCPeerConnection): Promise<string> {
  await pc.setLocalDescription(await pc.createAnswer());
  await new Promise<void>((resolve) => {
    if (pc.iceGatheringState === "complete") resolve();
    else
      pc.addEventListener("icegatheringstatechange", () => pc.iceGatheringState === "complete" && resolve());
  });
  return pc.localDescription?.sdp ?? "";
}

/** A picture that moves a little: a person of sorts, in front of a wall. */
function painted(slot: number): MediaStreamTrack {
  const canvas = document.createElement("canvas");
  canvas.width = 640;
  canvas.height = 480;
  const paint = canvas.getContext("2d");
  const hue = [160, 30, 220, 280][slot % 4] ?? 0;
  setInterval(() => {
    if (!paint) return;
    const sway = Math.sin(Date.now() / 700 + slot) * 12;
    paint.fillStyle = `hsl(${hue} 18% 78%)`;
    paint.fillRect(0, 0, 640, 480);
    paint.fillStyle = `hsl(${hue} 25% 38%)`;
    paint.beginPath();
    paint.ellipse(320 + sway, 520, 190, 210, 0, 0, 7);
    paint.fill();
    paint.fillStyle = "#e8c9ad";
    paint.beginPath();
    paint.ellipse(320 + sway, 230, 80, 100, 0, 0, 7);
    paint.fill();
    paint.fillStyle = "#2b2420";
    paint.beginPath();
    paint.ellipse(320 + sway, 170, 88, 62, 0, 0, 7);
    paint.fill();
  }, 66);
  const [track] = canvas.captureStream(15).getVideoTracks();
  if (!track) throw new Error("no painted track");
  return track;
}
