// The one peer connection, negotiated once: microphone, camera and screen to send, then a fixed number
// of receiving slots. Who is in which slot is the server's table; nothing is ever renegotiated. When the
// connection fails, a new one is made and offered.
import { effect, type Signal, signal } from "@preact/signals";
import type { Capture } from "./capture";
import { Quality } from "./quality";
import { Speakers } from "./speakers";

export type PeerState = "idle" | "connecting" | "connected" | "broken";

export interface Slots {
  audio: MediaStreamTrack[];
  video: MediaStreamTrack[];
}

const NONE: Slots = { audio: [], video: [] };
const PATIENCE_MS = 4_000;
const CONNECT_MS = 12_000;
const BACKOFF_MS = [400, 1000, 2000, 4000];

export class Peer {
  readonly state: Signal<PeerState> = signal("idle");
  /** The receiving tracks by slot, of the connection at hand. */
  readonly slots: Signal<Slots> = signal(NONE);
  readonly speakers = new Speakers();
  readonly quality = new Quality();
  private pc: RTCPeerConnection | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private counts: { audio: number; video: number } | null = null;
  private readonly unfollow: (() => void)[] = [];

  constructor(
    private readonly capture: Capture,
    /** Sends an offer, resolves with the answer. */
    private readonly offer: (sdp: string) => Promise<string>,
  ) {}

  /** Begins, or begins anew, with so many receiving slots. */
  connect(audio: number, video: number): void {
    this.counts = { audio, video };
    this.failures = 0;
    void this.begin();
  }

  close(): void {
    this.counts = null;
    this.end();
    this.speakers.stop();
    this.quality.stop();
    this.slots.value = NONE;
    this.state.value = "idle";
  }

  private async begin(): Promise<void> {
    this.end();
    const { counts } = this;
    if (!counts) return;
    if (this.state.value !== "connected") this.state.value = "connecting";
    const pc = new RTCPeerConnection({
      iceServers: [],
      bundlePolicy: "max-bundle",
      rtcpMuxPolicy: "require",
    });
    this.pc = pc;
    debug(pc);
    try {
      this.sending(pc);
      const slots = receiving(pc, counts);
      pc.addEventListener("connectionstatechange", () => this.changed(pc));
      this.timer = setTimeout(() => this.failed(pc), CONNECT_MS);
      const offer = await pc.createOffer();
      await pc.setLocalDescription(offer);
      const sdp = await this.offer(offer.sdp ?? "");
      if (this.pc !== pc) return;
      await pc.setRemoteDescription({ type: "answer", sdp });
      this.slots.value = slots;
      this.speakers.follow(pc, slots.audio);
      this.quality.follow(pc);
    } catch {
      this.failed(pc);
    }
  }

  /** Three senders in the order of the contract, following what the capture holds. */
  private sending(pc: RTCPeerConnection): void {
    const held: [string, Signal<MediaStreamTrack | null>, number][] = [
      ["audio", this.capture.audio, 40_000],
      ["video", this.capture.video, 700_000],
      ["video", this.capture.screen, 1_500_000],
    ];
    for (const [kind, track, maxBitrate] of held) {
      const made = pc.addTransceiver(kind, { direction: "sendonly", sendEncodings: [{ maxBitrate }] });
      prefer(made, kind);
      this.unfollow.push(effect(() => void made.sender.replaceTrack(track.value).catch(() => undefined)));
    }
  }

  private changed(pc: RTCPeerConnection): void {
    if (this.pc !== pc) return;
    clearTimeout(this.timer);
    switch (pc.connectionState) {
      case "connected":
        this.failures = 0;
        this.state.value = "connected";
        return;
      case "disconnected":
        this.timer = setTimeout(() => this.failed(pc), PATIENCE_MS);
        return;
      case "failed":
      case "closed":
        this.failed(pc);
        return;
      default:
        this.timer = setTimeout(() => this.failed(pc), CONNECT_MS);
    }
  }

  private failed(pc: RTCPeerConnection): void {
    if (this.pc !== pc) return;
    this.end();
    this.state.value = "broken";
    const wait = BACKOFF_MS[Math.min(this.failures, BACKOFF_MS.length - 1)] ?? 0;
    this.failures += 1;
    this.timer = setTimeout(() => void this.begin(), wait / 2 + (Math.random() * wait) / 2);
  }

  private end(): void {
    clearTimeout(this.timer);
    for (const stop of this.unfollow.splice(0)) stop();
    const { pc } = this;
    this.pc = null;
    pc?.close();
  }
}

function receiving(pc: RTCPeerConnection, counts: { audio: number; video: number }): Slots {
  const make = (kind: "audio" | "video", count: number) =>
    Array.from({ length: count }, () => {
      const made = pc.addTransceiver(kind, { direction: "recvonly" });
      prefer(made, kind);
      return made.receiver.track;
    });
  return { audio: make("audio", counts.audio), video: make("video", counts.video) };
}

/** Only what the server forwards, so that eighteen m-lines stay well under 32 KiB. */
function prefer(transceiver: RTCRtpTransceiver, kind: string): void {
  const wanted = kind === "audio" ? ["audio/opus"] : ["video/VP8", "video/rtx"];
  const can = RTCRtpReceiver.getCapabilities?.(kind)?.codecs ?? [];
  const chosen = can.filter((codec) =>
    wanted.some((one) => one.toLowerCase() === codec.mimeType.toLowerCase()),
  );
  try {
    if (chosen.length) transceiver.setCodecPreferences?.(chosen);
  } catch {
    // An older browser then offers all it has, and the server picks.
  }
}

/** With `localStorage.hejieDebug = "1"` the connection can be looked at from outside, as tests do. */
function debug(pc: RTCPeerConnection): void {
  try {
    if (localStorage.getItem("hejieDebug") === "1") {
      (globalThis as unknown as { hejieDebug: { pc: RTCPeerConnection } }).hejieDebug = { pc };
    }
  } catch {
    // No storage, no debugging.
  }
}
