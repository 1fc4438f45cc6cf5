// One way to the server, tried before a call: a connection to nobody, of the same shape as a call's. A tone
// that the device makes itself, and plays on no loudspeaker, travels over it for three seconds.
//
// What always holds: it ends within six seconds, nothing of it stays, and it never throws.
import type { IceServer } from "../protocol/frames";
import { prefer, receiving } from "./peer";

export type Way = "udp" | "tcp" | "relay";

export type Trial =
  /** Milliseconds, and the fraction of packets lost; null where the time was too short to know. */
  | { is: "through"; roundTrip: number | null; loss: number | null }
  /** Nothing came through. */
  | { is: "blocked" }
  /** The server has no such way. */
  | { is: "absent" }
  /** The server could not be asked, or the page has stopped asking. */
  | { is: "unasked" };

export interface Asked {
  sdp: string;
  ice_servers: IceServer[];
}

export interface TrialNeeds {
  /** Sends the offer, resolves with the server's answer. */
  ask: (sdp: string, via: Way) => Promise<Asked>;
  /** For the way over a relay: none, no such way. */
  relays: IceServer[];
  stop: AbortSignal;
}

const LIMIT_MS = 6_000;
const MEASURE_MS = 3_000;

export async function tryWay(via: Way, needs: TrialNeeds): Promise<Trial> {
  const { relays, stop } = needs;
  if (via === "relay" && relays.length === 0) return { is: "absent" };
  if (stop.aborted) return { is: "unasked" };
  const pc = new RTCPeerConnection({
    iceServers: via === "relay" ? relays : [],
    iceTransportPolicy: via === "relay" ? "relay" : "all",
    bundlePolicy: "max-bundle",
    rtcpMuxPolicy: "require",
  });
  const tone = hum();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), LIMIT_MS);
    stop.addEventListener("abort", () => resolve("late"), { once: true });
  });
  try {
    return await attempt(pc, via, needs, tone.track, late);
  } catch {
    return { is: "unasked" };
  } finally {
    clearTimeout(timer);
    tone.stop();
    pc.close();
  }
}

async function attempt(
  pc: RTCPeerConnection,
  via: Way,
  { ask, stop }: TrialNeeds,
  tone: MediaStreamTrack | null,
  late: Promise<"late">,
): Promise<Trial> {
  const connected = settled(pc);
  await sections(pc, tone);
  const offer = await pc.createOffer();
  await pc.setLocalDescription(offer);
  const asked = await Promise.race([ask(offer.sdp ?? "", via), late]);
  if (asked === "late") return { is: "unasked" };
  if (!/^a=candidate:/m.test(asked.sdp)) return { is: "absent" };
  await pc.setRemoteDescription({ type: "answer", sdp: asked.sdp });
  const came = await Promise.race([connected, late]);
  if (stop.aborted) return { is: "unasked" };
  if (came !== "connected") return { is: "blocked" };
  await Promise.race([new Promise((resolve) => setTimeout(resolve, MEASURE_MS)), late]);
  return stop.aborted ? { is: "unasked" } : { is: "through", ...(await measured(pc)) };
}

/** The eighteen sections of a call (docs/PROTOCOL.md), of which only the microphone's sends. */
async function sections(pc: RTCPeerConnection, tone: MediaStreamTrack | null): Promise<void> {
  for (const kind of ["audio", "video", "video"]) {
    const made = pc.addTransceiver(kind, { direction: "sendonly" });
    prefer(made, kind);
    if (kind === "audio") await made.sender.replaceTrack(tone);
  }
  receiving(pc, { audio_slots: 7, video_slots: 8 });
}

function settled(pc: RTCPeerConnection): Promise<"connected" | "failed"> {
  return new Promise((resolve) => {
    pc.addEventListener("connectionstatechange", () => {
      const state = pc.connectionState;
      if (state === "connected" || state === "failed") resolve(state);
    });
  });
}

/** From what the browser counted: the path's last round trip, and what the server says it missed. */
async function measured(pc: RTCPeerConnection): Promise<{ roundTrip: number | null; loss: number | null }> {
  const stats = [...((await pc.getStats()).values() as IterableIterator<Counted>)];
  const chosen = stats.find((one) => one.type === "transport")?.selectedCandidatePairId;
  const pair =
    stats.find((one) => one.id === chosen) ??
    stats.find((one) => one.type === "candidate-pair" && one.nominated && one.state === "succeeded");
  const sent = stats.find((one) => one.type === "outbound-rtp" && one.packetsSent);
  const there = stats.find((one) => one.type === "remote-inbound-rtp" && one.kind === "audio");
  const lost = there && sent?.packetsSent ? (there.packetsLost ?? 0) / sent.packetsSent : there?.fractionLost;
  const seconds = pair?.currentRoundTripTime;
  return {
    roundTrip: seconds === undefined ? null : Math.round(seconds * 1000),
    loss: lost === undefined ? null : Math.min(1, Math.max(0, lost)),
  };
}

interface Counted {
  id: string;
  type: string;
  kind?: string;
  state?: string;
  nominated?: boolean;
  selectedCandidatePairId?: string;
  currentRoundTripTime?: number;
  packetsSent?: number;
  packetsLost?: number;
  fractionLost?: number;
}

/** A tone without a loudspeaker. Without an audio context nothing is sent, and loss stays unknown. */
function hum(): { track: MediaStreamTrack | null; stop: () => void } {
  const Context =
    window.AudioContext ??
    (window as unknown as { webkitAudioContext?: typeof AudioContext }).webkitAudioContext;
  if (!Context) return { track: null, stop: () => undefined };
  const context = new Context();
  const tone = context.createOscillator();
  const out = context.createMediaStreamDestination();
  tone.connect(out);
  tone.start();
  void context.resume().catch(() => undefined);
  return {
    track: out.stream.getAudioTracks()[0] ?? null,
    stop: () => void context.close().catch(() => undefined),
  };
}
