// The connection against a browser played by hand: first an ICE restart, then a fresh connection, and
// nothing for the person to do.
import { signal } from "@preact/signals";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Capture } from "../../src/media/capture";
import { Peer } from "../../src/media/peer";
import { settle, stage } from "./page";

class FakePc extends EventTarget {
  connectionState: RTCPeerConnectionState = "new";
  transceivers: { kind: string; init: RTCRtpTransceiverInit; tracks: unknown[] }[] = [];
  configurations: RTCConfiguration[] = [];
  locals: string[] = [];
  answers: string[] = [];
  constructor(configuration: RTCConfiguration) {
    super();
    this.configurations.push(configuration);
    made.push(this);
  }
  addTransceiver(kind: string, init: RTCRtpTransceiverInit) {
    const one = { kind, init, tracks: [] as unknown[] };
    this.transceivers.push(one);
    return {
      sender: { replaceTrack: async (track: unknown) => void one.tracks.push(track) },
      receiver: { track: { kind } },
    };
  }
  getReceivers() {
    return [];
  }
  setConfiguration(configuration: RTCConfiguration) {
    this.configurations.push(configuration);
  }
  async createOffer(options: RTCOfferOptions) {
    return { type: "offer", sdp: options.iceRestart ? "restart" : "fresh" };
  }
  async setLocalDescription(description: { type: string; sdp?: string }) {
    this.locals.push(description.sdp ?? description.type);
  }
  async setRemoteDescription(description: { sdp: string }) {
    this.answers.push(description.sdp);
  }
  close() {
    this.connectionState = "closed";
  }
  becomes(state: RTCPeerConnectionState) {
    this.connectionState = state;
    this.dispatchEvent(new Event("connectionstatechange"));
  }
}

const SETUP = { audio_slots: 1, video_slots: 2, ice_servers: [] };
let made: FakePc[];
let live: boolean;
let answer: (restart: boolean) => Promise<string>;
let offers: string[];
let peer: Peer;
let set: ReturnType<typeof stage>;
const last = () => made.at(-1) as FakePc;

beforeEach(async () => {
  vi.useFakeTimers();
  set = stage();
  vi.stubGlobal("RTCPeerConnection", FakePc);
  vi.stubGlobal("RTCRtpReceiver", {});
  vi.stubGlobal("MediaStream", class {});
  vi.stubGlobal(
    "Audio",
    class {
      play = async () => undefined;
      pause() {}
    },
  );
  made = [];
  offers = [];
  live = true;
  answer = async (restart) => `answer to ${restart ? "restart" : "fresh"}`;
  const capture = { audio: signal(null), video: signal(null), screen: signal(null), pixels: 640 * 480 };
  peer = new Peer(capture as unknown as Capture, {
    live: () => live,
    offer: (sdp, restart) => {
      expect(sdp).toBe(restart ? "restart" : "fresh");
      offers.push(sdp);
      return answer(restart);
    },
  });
});
afterEach(() => {
  peer.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

async function connected() {
  peer.connect(SETUP);
  await settle();
  last().becomes("connected");
  expect(peer.state.value).toBe("connected");
}

test("a short break heals by itself", async () => {
  await connected();
  last().becomes("disconnected");
  await vi.advanceTimersByTimeAsync(1_500);
  last().becomes("connected");
  await vi.advanceTimersByTimeAsync(20_000);
  expect(offers).toEqual(["fresh"]);
  expect(peer.state.value).toBe("connected");
});

test("after two seconds ICE is restarted on the same connection", async () => {
  await connected();
  last().becomes("disconnected");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(offers).toEqual(["fresh", "restart"]);
  expect(peer.state.value).toBe("broken");
  last().becomes("connecting");
  last().becomes("connected");
  expect(peer.state.value).toBe("connected");
  await vi.advanceTimersByTimeAsync(30_000);
  expect(made).toHaveLength(1);
  expect(last().answers).toEqual(["answer to fresh", "answer to restart"]);
});

test("a failed path is restarted at once", async () => {
  await connected();
  last().becomes("failed");
  await settle();
  expect(offers).toEqual(["fresh", "restart"]);
});

test("a restart that is refused, or leads nowhere, ends in a fresh connection", async () => {
  await connected();
  answer = async (restart) => {
    if (restart) throw new Error("refused: unknown");
    return "answer";
  };
  last().becomes("failed");
  await vi.advanceTimersByTimeAsync(500);
  expect(offers).toEqual(["fresh", "restart", "fresh"]);
  last().becomes("connected");

  answer = async () => "answer";
  last().becomes("failed");
  await vi.advanceTimersByTimeAsync(5_900);
  expect(made).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(600);
  expect(made).toHaveLength(3);
  expect(offers.slice(3)).toEqual(["restart", "fresh"]);
});

test("on another network the path is renewed although it still looks whole", async () => {
  await connected();
  peer.moved();
  await settle();
  expect(offers).toEqual(["fresh", "restart"]);
  expect(peer.state.value).toBe("connected");
  await vi.advanceTimersByTimeAsync(7_000);
  expect(made).toHaveLength(1);
  // The attempt is over: the next change begins the next one.
  peer.moved();
  await settle();
  expect(offers).toEqual(["fresh", "restart", "restart"]);
});

test("a second change of the network during a restart is followed by another restart", async () => {
  await connected();
  peer.moved();
  await settle();
  peer.moved();
  await settle();
  expect(offers).toHaveLength(2);
  last().becomes("connecting");
  last().becomes("connected");
  await settle();
  expect(offers).toEqual(["fresh", "restart", "restart"]);
});

test("without the socket a restart waits for it, and the connection at hand is kept", async () => {
  await connected();
  live = false;
  last().becomes("failed");
  await vi.advanceTimersByTimeAsync(20_000);
  expect(offers).toEqual(["fresh"]);
  expect(peer.state.value).toBe("broken");
  live = true;
  peer.resumed(SETUP);
  await settle();
  expect(offers).toEqual(["fresh", "restart"]);
  expect(made).toHaveLength(1);
});

test("a socket that breaks before the answer leaves the old path as it was", async () => {
  await connected();
  answer = async () => {
    live = false;
    throw new Error("closed");
  };
  peer.moved();
  await settle();
  expect(last().locals).toEqual(["fresh", "restart", "rollback"]);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(made).toHaveLength(1);
  live = true;
  answer = async () => "answer";
  peer.resumed({ ...SETUP, ice_servers: [{ urls: ["turn:relay"], username: "u", credential: "c" }] });
  await settle();
  expect(offers).toEqual(["fresh", "restart", "restart"]);
  expect(last().configurations.at(-1)?.iceServers).toHaveLength(1);
});

test("a socket that comes back finds a whole connection left alone", async () => {
  await connected();
  peer.resumed(SETUP);
  await settle();
  expect(offers).toEqual(["fresh"]);
});

test("a fresh connection waits for the socket too", async () => {
  live = false;
  peer.connect(SETUP);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(made).toHaveLength(0);
  live = true;
  peer.resumed(SETUP);
  await settle();
  expect(offers).toEqual(["fresh"]);
});

test("a server that knows no restarts gets fresh connections", async () => {
  peer.connect({ audio_slots: 1, video_slots: 2 });
  await settle();
  last().becomes("connected");
  last().becomes("failed");
  await vi.advanceTimersByTimeAsync(500);
  expect(offers).toEqual(["fresh", "fresh"]);
});

test("a closed peer stays closed", async () => {
  await connected();
  last().becomes("disconnected");
  peer.close();
  await vi.advanceTimersByTimeAsync(30_000);
  peer.resumed(SETUP);
  peer.moved();
  await settle();
  expect(offers).toEqual(["fresh"]);
  expect(peer.state.value).toBe("idle");
});

test("sound goes first, and a camera is sent in several sizes where the server takes them", async () => {
  peer.connect({ ...SETUP, simulcast: true });
  await settle();
  const [microphone, camera, screen] = last().transceivers.map((one) => one.init.sendEncodings);
  expect(microphone).toEqual([{ maxBitrate: 40_000, priority: "high", networkPriority: "high" }]);
  expect(camera?.map((one) => one.rid)).toEqual(["0", "1"]);
  expect(screen).toHaveLength(1);
});

test("only with debugging on may everything be forced over the relay", async () => {
  set.storage.set("hejieRelay", "1");
  await connected();
  expect(last().configurations[0]?.iceTransportPolicy).toBe("all");
  set.storage.set("hejieDebug", "1");
  peer.connect(SETUP);
  await settle();
  expect(last().configurations[0]?.iceTransportPolicy).toBe("relay");
});
