// What a device refuses to sign: anything that it did not show.
import { calculateJwkThumbprint, generalVerify, importJWK } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { decode, encode, utf8 } from "../../src/crypto/base64url";
import { canonBytes, type Json } from "../../src/crypto/canon";
import { digestOf } from "../../src/crypto/disclosure";
import { checkDocument, DocumentError, readDocument, signDocument } from "../../src/crypto/document";
import { newKey } from "../../src/crypto/keys";
import type { SigningView, Term, View } from "../../src/protocol/types";
import { installStorage } from "./storage";

const TERMS: Term[] = [
  { kind: "refund", by: "merchant", amount_fen: 128000, due: "2026-12-05", text: "退还货款" },
  { kind: "return", by: "consumer", amount_fen: null, due: null, text: "" },
];
const ROOT = encode(new Uint8Array(32));

interface Made {
  signing: SigningView;
  view: View;
  payload: Record<string, Json>;
}

/** Spoils a payload before it is encoded. */
// biome-ignore lint/suspicious/noExplicitAny: it writes what the format forbids
type Bend = (payload: any, disclosures: string[]) => void;

let salt = 0;

/** A ceremony as the server would open it; `bend` may spoil the payload before it is encoded. */
async function ceremony(jkt: string, bend: Bend = () => {}, company?: string): Promise<Made> {
  const disclosures: string[] = [];
  const sd = async (members: Record<string, string>) => {
    const digests: string[] = [];
    for (const [name, value] of Object.entries(members)) {
      const own = encode(Uint8Array.from({ length: 16 }, (_, i) => (i + salt) & 255));
      salt++;
      disclosures.push(encode(canonBytes([own, name, value])));
      digests.push(await digestOf(own, name, value));
    }
    return digests.sort();
  };
  const other = (n: number) => encode(new Uint8Array(32).fill(n));
  const people = [
    { role: "consumer", jkt, name: "李芳", identity: "document_seen", address: "福州" },
    {
      role: "merchant",
      jkt: other(1),
      name: "Oak & Pine",
      identity: "station_staff",
      ...(company && { party: company }),
    },
    { role: "mediator", jkt: other(2), name: "陈静", identity: "account" },
  ];
  const parties: Json[] = [];
  for (const { role, jkt, ...said } of people) parties.push({ role, jkt, _sd: await sd(said as never) });
  const terms: Json[] = [];
  for (const { text, ...rest } of TERMS) terms.push({ ...rest, _sd: await sd({ text }) });
  const payload: Record<string, Json> = {
    v: 1,
    iss: "https://hejie.example",
    oid: encode(new Uint8Array(16)),
    ver: 1,
    prev: null,
    mode: "mediated",
    parties,
    terms,
    publication: false,
    anchor: { origin: "hejie.example/log", size: 3, root: ROOT },
    journal: { size: 12, root: ROOT },
    recordings: [],
    _sd_alg: "sha-256",
    _sd: await sd({ complaint_number: "2026-1", session: "ses_1", subject: "Kettle", agency: "消委会" }),
  };
  bend(payload, disclosures);
  const signing = {
    version: 2,
    outcome: payload.oid as string,
    payload: encode(canonBytes(payload)),
    disclosures,
    signers: people.map(({ role, name }) => ({ person: role, role, name, signed_at: null })),
    journal: { size: 14, root: ROOT },
    expires_at: 0,
  } as unknown as SigningView;
  const view = {
    session: "ses_1",
    number: "2026-1",
    subject: "Kettle",
    me: { role: "consumer", enrolled: jkt },
    draft: { versions: [{ version: 2, terms: TERMS }] },
  } as unknown as View;
  return { signing, view, payload };
}

const fault = (run: Promise<unknown>) =>
  run.then(
    () => "nothing",
    (error: unknown) => (error instanceof DocumentError ? error.fault : String(error)),
  );

describe("a device signs", () => {
  beforeAll(installStorage);

  test("the document it showed, so that jose verifies it", async () => {
    const key = await newKey();
    await key.store("dev_1");
    const jkt = await calculateJwkThumbprint(key.jwk);
    const { signing, view } = await ceremony(jkt);
    const shown = await readDocument(signing);
    expect(shown.terms).toEqual(TERMS);
    expect(shown.parties[0]).toEqual({
      role: "consumer",
      jkt,
      name: "李芳",
      party: null,
      identity: "document_seen",
      address: "福州",
    });
    const approved = await checkDocument(signing, shown, view);
    const signed = await signDocument("dev_1", approved, 1_790_000_000_999);
    const jws = { payload: signing.payload, signatures: [signed] };
    await generalVerify(jws, await importJWK(key.jwk, "ES256"));
    expect(JSON.parse(new TextDecoder().decode(decode(signed.protected)))).toEqual({
      alg: "ES256",
      iat: 1_790_000_000,
      jh: { root: ROOT, size: 14 },
      jwk: key.jwk,
      kid: jkt,
      role: "consumer",
      typ: "mediation-settlement+jws",
    });
  });
});

test("for whom somebody signs is in the bytes only where it is said", async () => {
  const mine = encode(new Uint8Array(32).fill(9));
  const named = await ceremony(mine, () => {}, "橡松家具有限公司");
  const shown = await readDocument(named.signing);
  expect(shown.parties.map(({ party }) => party)).toEqual([null, "橡松家具有限公司", null]);
  expect((await checkDocument(named.signing, shown, named.view)).jkt).toBe(mine);
  for (const party of ["李芳", ""]) {
    const other = { ...shown, parties: shown.parties.map((one, i) => (i === 0 ? { ...one, party } : one)) };
    expect(await fault(checkDocument(named.signing, other, named.view))).toBe("differs");
  }
});

describe("a device refuses", () => {
  const mine = encode(new Uint8Array(32).fill(9));

  test.each<[string, string, Bend]>([
    ["a decoy digest", "hidden", (p) => p._sd.push(ROOT)],
    ["a disclosure that is not there", "hidden", (_p, d) => d.splice(0, 1)],
    [
      "a disclosure too many",
      "hidden",
      (_p, d) => d.push(encode(canonBytes([encode(new Uint8Array(16)), "text", "x"]))),
    ],
    ["a disclosure twice", "malformed", (_p, d) => d.push(d[0] ?? "")],
    ["a member too many", "malformed", (p) => (p.extra = 1)],
    ["a fraction", "malformed", (p) => (p.terms[0].kind = "bribe")],
  ])("%s", async (_name, expected, bend) => {
    const { signing } = await ceremony(mine, bend);
    expect(await fault(readDocument(signing))).toBe(expected);
  });

  test("bytes that are not canonical", async () => {
    const { signing, payload } = await ceremony(mine);
    const loose = { ...signing, payload: encode(utf8(JSON.stringify(payload, null, 1))) };
    expect(await fault(readDocument(loose))).toBe("malformed");
  });

  test("another amount than shown", async () => {
    const { signing, view } = await ceremony(mine);
    const shown = await readDocument(signing);
    const other = { ...shown, terms: shown.terms.map((term) => ({ ...term, amount_fen: 1 })) };
    expect(await fault(checkDocument(signing, other, view))).toBe("differs");
  });

  test("another name than shown", async () => {
    const { signing, view } = await ceremony(mine);
    const shown = await readDocument(signing);
    const other = { ...shown, parties: shown.parties.map((party) => ({ ...party, name: "X" })) };
    expect(await fault(checkDocument(signing, other, view))).toBe("differs");
  });

  test("terms that the session did not put to the parties", async () => {
    const { signing, view } = await ceremony(mine, (p) => {
      p.terms[0].amount_fen = 127999;
    });
    expect(await fault(checkDocument(signing, await readDocument(signing), view))).toBe("differs");
  });

  test("a document that lists its key under another role, or not at all", async () => {
    const { signing, view } = await ceremony(mine);
    const shown = await readDocument(signing);
    const merchant = { ...view, me: { ...view.me, role: "merchant" as const } };
    expect(await fault(checkDocument(signing, shown, merchant))).toBe("parties");
    const stranger = { ...view, me: { ...view.me, enrolled: ROOT } };
    expect(await fault(checkDocument(signing, shown, stranger))).toBe("parties");
  });
});
