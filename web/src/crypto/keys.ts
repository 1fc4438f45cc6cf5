// This browser's signing keys: P-256, made here, not extractable, kept in IndexedDB per device id. A page
// makes one before it joins and stores it under the device that the server names. The private key never
// leaves the browser; losing it (cleared storage, private window) means joining again with a new one.

import type { Bytes } from "./base64url.ts";
import { type PublicJwk, publicPart } from "./thumbprint.ts";

const DATABASE = "hejie-keys";
const KEYS = "keys";
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };

/** There is no key for this device in this browser (any more). */
export class NoKeyError extends Error {}

export interface NewKey {
  jwk: PublicJwk;
  /** Keeps the key under the device that joined with it. */
  store(device: string): Promise<void>;
}

export async function newKey(): Promise<NewKey> {
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
  const jwk = publicPart(await crypto.subtle.exportKey("jwk", pair.publicKey));
  if (jwk === null) throw new Error("the browser made another kind of key");
  const { privateKey } = pair;
  return { jwk, store: (device) => write((keys) => keys.put({ device, jwk, privateKey }, device)) };
}

/** ES256 (RFC 7518 §3.4): r and s, 32 bytes each. */
export async function sign(device: string, bytes: Uint8Array): Promise<Bytes> {
  const { privateKey } = await held(device);
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, bytes as Bytes);
  return new Uint8Array(signature);
}

/** The public part of this device's key. */
export async function publicKey(device: string): Promise<PublicJwk> {
  return (await held(device)).jwk;
}

/** Whether this browser can sign for this device. */
export async function holds(device: string): Promise<boolean> {
  return (await read(device)) !== undefined;
}

export function forget(device: string): Promise<void> {
  return write((keys) => keys.delete(device));
}

export function forgetAll(): Promise<void> {
  return write((keys) => keys.clear());
}

interface Held {
  device: string;
  jwk: PublicJwk;
  privateKey: CryptoKey;
}

async function held(device: string): Promise<Held> {
  const found = await read(device);
  if (!found) throw new NoKeyError("this browser holds no key for this device");
  return found;
}

async function read(device: string): Promise<Held | undefined> {
  const database = await open();
  try {
    return await answer<Held | undefined>(
      database.transaction(KEYS, "readonly").objectStore(KEYS).get(device),
    );
  } finally {
    database.close();
  }
}

/** Resolves once the change is durable, not merely asked for. */
async function write(change: (keys: IDBObjectStore) => void): Promise<void> {
  const database = await open();
  try {
    await new Promise<void>((resolve, reject) => {
      const transaction = database.transaction(KEYS, "readwrite");
      transaction.oncomplete = () => resolve();
      transaction.onabort = transaction.onerror = () =>
        reject(transaction.error ?? new Error("storage refused"));
      change(transaction.objectStore(KEYS));
    });
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(KEYS);
  return answer(request);
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("storage refused"));
  });
}
