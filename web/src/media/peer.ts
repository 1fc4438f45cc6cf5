// The one peer connection: microphone, camera and screen to send, then a fixed number of receiving slots.
// Who is in which slot is the server's table; nothing is renegotiated. When the path breaks or the network
// changes, ICE is restarted on the connection at hand; where that fails, a fresh connection replaces it.
//
// What always holds: at most one attempt (fresh or restart) is under way, it has a deadline, and what
// needs the socket waits until the socket is live.
import { effect, type Signal, signal, untracked } from "@preact/signals";
import type { Setup } from "../protocol/frames";
import type { MediaSetup } from "../protocol/types";
import type { Capture } from "./capture";
import { flag } from "./flags";
import { encodings } from "./layers";
import { Speakers } from "./speakers";

export type PeerState = "idle" | "connecting" | "connected" | "broken";

type SlotCounts = Pick<MediaSetup, "audio_slots" | "video_slots">;

export interface Slots {
  audio: MediaStreamTrack[];
  video: MediaStreamTrack[];
}

/** What the peer needs of the session. */
export interface Signalling {
  /** Whether an offer can be sent now. */
  live: () => boolean;
  /** Sends an offer, resolves with the answer; rejects when refused or cut off. */
  offer: (sdp: string, restart: boolean) => Promise<string>;
}

const NONE: Slots = { audio: [], video: [] };
/** ICE often finds its way back alone. */
const PATIENCE_MS = 2_000;
const RESTART_MS = 6_000;
const CONNECT_MS = 12_000;
const BACKOFF_MS = [400, 1000, 2000, 4000];

export class Peer {
  readonly state: Signal<PeerState> = signal("idle");
  /** The receiving tracks by slot, of the connection at hand. */
  readonly slots: Signal<Slots> = signal(NONE);
  readonly speakers = new Speakers();
  private pc: RTCPeerConnection | null = null;
  private setup: Setup | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private attempt: "fresh" | "restart" | null = null;
  /** The attempt's answer is applied; from here the path decides. */
  private answered = false;
  /** The network changed again while a restart was under way. */
  private moving = false;
  /** Something is to be offered as soon as the socket is live. */
  private owed = false;
  private readonly unfollow: (() => void)[] = [];

  constructor(
    private readonly capture: Capture,
    private readonly signalling: Signalling,
  ) {}

  /** Begins, or begins anew. */
  connect(setup: Setup): void {
    this.setup = setup;
    this.failures = 0;
    untracked(() => void this.begin());
  }

  /** The device is on another network: the path is renewed though it may still look whole. */
  moved(): void {
    const { pc } = this;
    if (!pc) return;
    if (this.attempt === "restart") this.moving = true;
    else if (this.attempt === "fresh") this.failed(pc);
    else this.recover(pc);
  }

  /** The socket is live again; `setup` may name fresh credentials for the relays. */
  resumed(setup: Setup): void {
    if (!this.setup) return;
    this.setup = setup;
    if (!this.owed && this.pc?.connectionState === "connected") return;
    if (!this.pc) untracked(() => void this.begin());
    else if (!this.attempt) this.recover(this.pc);
  }

  close(): void {
    this.setup = null;
    this.owed = false;
    this.end();
    this.speakers.stop();
    this.slots.value = NONE;
    this.state.value = "idle";
  }

  private async begin(): Promise<void> {
    this.end();
    const { setup } = this;
    if (!setup) return;
    if (this.state.value !== "connected") this.state.value = "connecting";
    this.owed = !this.signalling.live();
    if (this.owed) return;
    const pc = new RTCPeerConnection(configuration(setup));
    this.pc = pc;
    debug(pc);
    try {
      this.sending(pc, setup);
      const slots = receiving(pc, setup);
      pc.addEventListener("connectionstatechange", () => this.changed(pc));
      this.attempt = "fresh";
      this.timer = setTimeout(() => this.failed(pc), CONNECT_MS);
      await this.exchange(pc, false);
      if (this.pc !== pc) return;
      this.slots.value = slots;
      this.speakers.follow(pc, slots.audio);
    } catch {
      this.failed(pc);
    }
  }

  /** Offers, and applies the answer. */
  private async exchange(pc: RTCPeerConnection, restart: boolean): Promise<void> {
    this.answered = false;
    const offer = await pc.createOffer(restart ? { iceRestart: true } : {});
    await pc.setLocalDescription(offer);
    const sdp = await this.signalling.offer(offer.sdp ?? "", restart);
    if (this.pc !== pc) return;
    await pc.setRemoteDescription({ type: "answer", sdp });
    this.answered = true;
  }

  /** Three senders in the order of the contract, following what the capture holds. */
  private sending(pc: RTCPeerConnection, setup: Setup): void {
    const simulcast = setup.simulcast === true;
    const held: [string, Signal<MediaStreamTrack | null>, RTCRtpEncodingParameters[]][] = [
      ["audio", this.capture.audio, [{ maxBitrate: 40_000, priority: "high", networkPriority: "high" }]],
      ["video", this.capture.video, encodings(this.capture.pixels, simulcast)],
      ["video", this.capture.screen, [{ maxBitrate: 1_500_000 }]],
    ];
    for (const [kind, track, sendEncodings] of held) {
      const made = pc.addTransceiver(kind, { direction: "sendonly", sendEncodings });
      prefer(made, kind);
      this.unfollow.push(effect(() => void made.sender.replaceTrack(track.value).catch(() => undefined)));
    }
  }

  private changed(pc: RTCPeerConnection): void {
    if (this.pc !== pc) return;
    switch (pc.connectionState) {
      case "connected":
        if (this.attempt !== null && !this.answered) return;
        this.settled();
        return;
      case "disconnected":
        if (this.attempt !== null) return;
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.recover(pc), PATIENCE_MS);
        return;
      case "failed":
        if (this.attempt === null) this.recover(pc);
        else if (this.answered) this.failed(pc);
        return;
      case "closed":
        this.failed(pc);
        return;
      default:
    }
  }

  private settled(): void {
    clearTimeout(this.timer);
    this.attempt = null;
    this.failures = 0;
    this.owed = false;
    this.state.value = "connected";
    if (this.moving && this.pc) {
      this.moving = false;
      this.recover(this.pc);
    }
  }

  /** A new path for the connection at hand: same keys, same slots. */
  private recover(pc: RTCPeerConnection): void {
    if (this.pc !== pc) return;
    clearTimeout(this.timer);
    if (pc.connectionState !== "connected") this.state.value = "broken";
    this.owed = !this.signalling.live();
    if (this.owed) return;
    // A server that doesn't name its relays is too old to restart anything.
    if (this.setup?.ice_servers) void this.restart(pc, this.setup);
    else this.failed(pc);
  }

  private async restart(pc: RTCPeerConnection, setup: Setup): Promise<void> {
    this.attempt = "restart";
    this.timer = setTimeout(() => {
      if (this.pc === pc && this.answered && pc.connectionState === "connected") this.settled();
      else this.failed(pc);
    }, RESTART_MS);
    try {
      pc.setConfiguration?.(configuration(setup));
      await this.exchange(pc, true);
    } catch {
      if (this.pc !== pc) return;
      if (this.signalling.live()) {
        this.failed(pc);
        return;
      }
      // Cut off before the answer: the old path is as good as it was, and the socket's return tries again.
      clearTimeout(this.timer);
      this.attempt = null;
      this.owed = true;
      await pc.setLocalDescription({ type: "rollback" }).catch(() => this.failed(pc));
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
    this.attempt = null;
    this.moving = false;
    pc?.close();
  }
}

function configuration(setup: Setup): RTCConfiguration {
  return {
    iceServers: setup.ice_servers ?? [],
    // Only for those who look into the machine: everything over the relay.
    iceTransportPolicy: flag("hejieDebug") && flag("hejieRelay") ? "relay" : "all",
    bundlePolicy: "max-bundle",
    rtcpMuxPolicy: "require",
  };
}

/** The receiving sections of an offer, in the order of the contract. */
export function receiving(pc: RTCPeerConnection, setup: SlotCounts): Slots {
  const make = (kind: "audio" | "video", count: number) =>
    Array.from({ length: count }, () => {
      const made = pc.addTransceiver(kind, { direction: "recvonly" });
      prefer(made, kind);
      return made.receiver.track;
    });
  return { audio: make("audio", setup.audio_slots), video: make("video", setup.video_slots) };
}

/** Only what the server forwards, so that eighteen m-lines stay well under 32 KiB. */
export function prefer(transceiver: RTCRtpTransceiver, kind: string): void {
  const wanted = kind === "audio" ? ["audio/opus", "audio/red"] : ["video/VP8", "video/rtx"];
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
  if (!flag("hejieDebug")) return;
  (globalThis as unknown as { hejieDebug: { pc: RTCPeerConnection } }).hejieDebug = { pc };
}
