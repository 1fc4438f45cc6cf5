// One way tried, against a browser played by hand.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Asked, type TrialNeeds, tryWay } from "../../src/media/trial";
import { settle, stage } from "../media/page";

class FakePc extends EventTarget {
  connectionState: RTCPeerConnectionState = "new";
  sections: string[] = [];
  sent: unknown[] = [];
  answers: string[] = [];
  stats: object[] = [];
  constructor(readonly configuration: RTCConfiguration) {
    super();
    made.push(this);
  }
  addTransceiver(kind: string, init: RTCRtpTransceiverInit) {
    this.sections.push(`${kind} ${init.direction}`);
    return {
      sender: { replaceTrack: async (track: unknown) => void this.sent.push(track) },
      receiver: { track: { kind } },
    };
  }
  async createOffer() {
    return { type: "offer", sdp: "offer" };
  }
  async setLocalDescription() {}
  async setRemoteDescription(description: { sdp: string }) {
    this.answers.push(description.sdp);
  }
  async getStats() {
    return new Map(this.stats.map((one, i) => [String(i), one]));
  }
  close() {
    this.connectionState = "closed";
  }
  becomes(state: RTCPeerConnectionState) {
    this.connectionState = state;
    this.dispatchEvent(new Event("connectionstatechange"));
  }
}

class FakeContext {
  static open = 0;
  constructor() {
    FakeContext.open += 1;
  }
  createOscillator = () => ({ connect: () => undefined, start: () => undefined });
  createMediaStreamDestination = () => ({ stream: { getAudioTracks: () => ["tone"] } });
  resume = async () => undefined;
  close = async () => {
    FakeContext.open -= 1;
  };
}

const ANSWER = "v=0\r\na=candidate:1 1 udp 1 192.0.2.1 8443 typ host\r\n";
const RELAY = { urls: ["turn:turn.example"], username: "u", credential: "c" };
let made: FakePc[];
let stopper: AbortController;
let needs: TrialNeeds;
const pc = () => made.at(-1) as FakePc;

beforeEach(() => {
  vi.useFakeTimers();
  const { window } = stage();
  Object.assign(window, { AudioContext: FakeContext });
  FakeContext.open = 0;
  vi.stubGlobal("RTCPeerConnection", FakePc);
  vi.stubGlobal("RTCRtpReceiver", {});
  made = [];
  stopper = new AbortController();
  needs = { ask: async () => ({ sdp: ANSWER, ice_servers: [] }), relays: [], stop: stopper.signal };
});

afterEach(() => {
  // However it ended, nothing of it stays.
  expect(made.every((one) => one.connectionState === "closed")).toBe(true);
  expect(FakeContext.open).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("what came through is told in milliseconds and as a fraction", async () => {
  const trial = tryWay("udp", needs);
  await settle();
  expect(pc().sections).toEqual([
    ...["audio sendonly", "video sendonly", "video sendonly"],
    ...Array(7).fill("audio recvonly"),
    ...Array(8).fill("video recvonly"),
  ]);
  expect(pc().sent).toEqual(["tone"]);
  expect(pc().answers).toEqual([ANSWER]);
  pc().stats = [
    { id: "t", type: "transport", selectedCandidatePairId: "p" },
    { id: "q", type: "candidate-pair", nominated: true, state: "succeeded", currentRoundTripTime: 9 },
    { id: "p", type: "candidate-pair", nominated: true, state: "succeeded", currentRoundTripTime: 0.0424 },
    { id: "o", type: "outbound-rtp", kind: "audio", packetsSent: 150 },
    { id: "r", type: "remote-inbound-rtp", kind: "audio", packetsLost: 3, fractionLost: 0.5 },
  ];
  pc().becomes("connected");
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await trial).toEqual({ is: "through", roundTrip: 42, loss: 0.02 });
});

test("a browser that counts nothing tells nothing but that it came through", async () => {
  const trial = tryWay("udp", needs);
  await settle();
  pc().becomes("connected");
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await trial).toEqual({ is: "through", roundTrip: null, loss: null });
});

test("six seconds without a connection are a blocked way", async () => {
  const trial = tryWay("tcp", needs);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(await trial).toEqual({ is: "blocked" });
});

test("a connection that fails is blocked at once", async () => {
  const trial = tryWay("udp", needs);
  await settle();
  pc().becomes("failed");
  expect(await trial).toEqual({ is: "blocked" });
});

test("an answer without candidates, or no relay to go by, is a way that does not exist", async () => {
  needs.ask = async () => ({ sdp: "v=0\r\n", ice_servers: [] });
  expect(await tryWay("tcp", needs)).toEqual({ is: "absent" });
  made = [];
  expect(await tryWay("relay", needs)).toEqual({ is: "absent" });
  expect(made).toEqual([]);
});

test("over a relay nothing else may be used", async () => {
  const trial = tryWay("relay", { ...needs, relays: [RELAY] });
  await settle();
  expect(pc().configuration).toMatchObject({ iceTransportPolicy: "relay", iceServers: [RELAY] });
  pc().becomes("failed");
  expect(await trial).toEqual({ is: "blocked" });
});

test("a server that refuses or is silent says nothing about the way", async () => {
  needs.ask = () => Promise.reject(new Error("429"));
  expect(await tryWay("udp", needs)).toEqual({ is: "unasked" });
  needs.ask = () => new Promise<Asked>(() => undefined);
  const trial = tryWay("udp", needs);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(await trial).toEqual({ is: "unasked" });
});

test("it stops when it is told to, at any moment", async () => {
  const trial = tryWay("udp", needs);
  await settle();
  pc().becomes("connected");
  await settle();
  stopper.abort();
  expect(await trial).toEqual({ is: "unasked" });
  expect(await tryWay("udp", needs)).toEqual({ is: "unasked" });
  await vi.advanceTimersByTimeAsync(3_000);
});
