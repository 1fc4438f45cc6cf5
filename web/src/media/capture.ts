// The one owner of microphone, camera and screen. Nothing else calls getUserMedia: on iOS a second
// call mutes the first, and a stopped track never comes back. Pages read the signals; the peer sends
// whatever tracks stand here.
//
// What always holds: one request at a time; a track that is replaced is stopped before its successor is
// asked for (many phones can't open both), yet stays in its signal until the successor is there, so that
// the others see no camera going off and on.
import { type Signal, signal } from "@preact/signals";
import { type Device, outdated } from "./devices";
import { flag } from "./flags";
import { listen } from "./meter";

/** Why there is no microphone or camera. */
export type Trouble = "refused" | "absent" | "busy" | "interrupted";
export type Kind = "audio" | "video";

export interface Quality {
  width: number;
  height: number;
  frameRate: number;
}

export const PHONE: Quality = { width: 640, height: 480, frameRate: 24 };
export const DESK: Quality = { width: 960, height: 540, frameRate: 25 };
const LOW: Quality = { width: 320, height: 240, frameRate: 15 };
/** The least that browsers send in two sizes. */
const LOW_SIMULCAST: Quality = { width: 480, height: 270, frameRate: 15 };
/** After an interruption it is tried again so long after; then when something happens or somebody taps. */
const REVIVE_MS = [1_500, 4_000, 10_000];

export class Capture {
  readonly audio: Signal<MediaStreamTrack | null> = signal(null);
  readonly video: Signal<MediaStreamTrack | null> = signal(null);
  readonly screen: Signal<MediaStreamTrack | null> = signal(null);
  readonly audioTrouble: Signal<Trouble | null> = signal(null);
  readonly videoTrouble: Signal<Trouble | null> = signal(null);
  /** The microphone's level, 0 to 1, in steps, at most ten times a second. */
  readonly level: Signal<number> = signal(0);
  /** Microphone switched off by its owner. */
  readonly muted: Signal<boolean> = signal(false);
  /** What is plugged in, as far as the browser names it. */
  readonly plugged: Signal<MediaDeviceInfo[]> = signal([]);
  /** More than one camera to choose from. */
  readonly canFlip: Signal<boolean> = signal(false);
  /** The device that took another's place by itself, for the page to tell. */
  readonly switched: Signal<{ kind: Kind; label: string } | null> = signal(null);
  private facing: "user" | "environment" = "user";
  private readonly preferred: Record<Kind, string | null> = { audio: null, video: null };
  private readonly used: Record<Kind, Device | null> = { audio: null, video: null };
  private unlisten: () => void = () => undefined;
  private queue: Promise<void> = Promise.resolve();
  private epoch = 0;
  private tries = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  private readonly quality: Quality;

  constructor(quality: Quality = PHONE) {
    this.quality = low() ?? quality;
    navigator.mediaDevices?.addEventListener?.("devicechange", this.devicesChanged);
    document.addEventListener("visibilitychange", this.attention);
    window.addEventListener("focus", this.attention);
  }

  /** Asks for both; goes on with what there is. Never throws: what failed stands in the troubles. */
  async start(want: { audio: boolean; video: boolean } = { audio: true, video: true }): Promise<void> {
    const both = want.audio && want.video;
    // One of the two may be missing or refused: then each is asked for alone, microphone first.
    if (both && (await this.open({ audio: this.microphone(), video: this.camera() })) === null) return;
    if (want.audio) await this.startAudio();
    if (want.video) await this.startVideo();
  }

  async startAudio(): Promise<void> {
    const failure = await this.open({ audio: this.microphone() });
    if (failure !== null) this.fail("audio", failure);
  }

  async startVideo(): Promise<void> {
    const failure = await this.open({ video: this.camera() });
    if (failure !== null) this.fail("video", failure);
  }

  /** The camera's light goes out: the track is ended, not only black. */
  stopVideo(): void {
    this.video.value?.stop();
    this.video.value = null;
    this.used.video = null;
    if (this.videoTrouble.value === "interrupted") this.videoTrouble.value = null;
  }

  setMuted(muted: boolean): void {
    this.muted.value = muted;
    if (this.audio.value) this.audio.value.enabled = !muted;
  }

  /** The other camera. If it can't be had, the one before comes back. */
  async flip(): Promise<void> {
    const before = this.facing;
    this.facing = before === "user" ? "environment" : "user";
    this.forget("video");
    if ((await this.open({ video: this.camera() })) === null) return;
    this.facing = before;
    await this.startVideo();
  }

  /** Opens this device from now on, while it is there. */
  async choose(kind: Kind, deviceId: string): Promise<void> {
    this.forget(kind);
    this.preferred[kind] = deviceId;
    await (kind === "audio" ? this.startAudio() : this.startVideo());
  }

  get mirrored(): boolean {
    return this.facing === "user";
  }

  /** Of the camera's pictures; what is asked for while there is none. */
  get pixels(): number {
    const { width, height } = this.video.peek()?.getSettings?.() ?? {};
    return (width || this.quality.width) * (height || this.quality.height);
  }

  /** Begins to capture the screen. False when its owner changed their mind. */
  async startScreen(): Promise<boolean> {
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: 15 }, audio: false });
      const track = stream.getVideoTracks()[0];
      if (!track) return false;
      track.addEventListener("ended", () => {
        if (this.screen.value === track) this.screen.value = null;
      });
      this.screen.value = track;
      return true;
    } catch {
      return false;
    }
  }

  stopScreen(): void {
    this.screen.value?.stop();
    this.screen.value = null;
  }

  /** After a phone call, a nap in the background or a pulled plug: takes everything anew, on a tap. */
  async reacquire(): Promise<void> {
    this.tries = 0;
    await this.start({ audio: true, video: this.video.value !== null });
  }

  /** Lets go of everything. */
  stop(): void {
    this.epoch += 1;
    clearTimeout(this.timer);
    this.unlisten();
    this.unlisten = () => undefined;
    this.audio.value?.stop();
    this.audio.value = null;
    this.used.audio = null;
    this.stopVideo();
    this.stopScreen();
    navigator.mediaDevices?.removeEventListener?.("devicechange", this.devicesChanged);
    document.removeEventListener("visibilitychange", this.attention);
    window.removeEventListener("focus", this.attention);
  }

  /** Null when the tracks are there, else why not. */
  private open(want: MediaStreamConstraints): Promise<Trouble | null> {
    const { epoch } = this;
    const done = this.queue.then(async () => {
      if (this.epoch !== epoch) return null;
      if (want.audio) this.audio.value?.stop();
      if (want.video) this.video.value?.stop();
      try {
        const stream = await navigator.mediaDevices.getUserMedia(want);
        if (this.epoch === epoch) this.take(stream);
        else for (const track of stream.getTracks()) track.stop();
        return null;
      } catch (error) {
        return trouble(error);
      }
    });
    this.queue = done.then(() => undefined);
    return done;
  }

  /** A device that was there and can't be had again is an interruption, unless it is gone. */
  private fail(kind: Kind, why: Trouble): void {
    const [held, told] = this.of(kind);
    const lost = held.value !== null && why !== "absent";
    told.value = lost ? "interrupted" : why;
    if (!lost) held.value = null;
  }

  private of(kind: Kind): [Signal<MediaStreamTrack | null>, Signal<Trouble | null>] {
    return kind === "audio" ? [this.audio, this.audioTrouble] : [this.video, this.videoTrouble];
  }

  private forget(kind: Kind): void {
    this.preferred[kind] = null;
    this.used[kind] = null;
  }

  private take(stream: MediaStream): void {
    const [audio] = stream.getAudioTracks();
    const [video] = stream.getVideoTracks();
    if (audio) {
      audio.enabled = !this.muted.value;
      this.hold("audio", audio);
      this.unlisten();
      this.unlisten = listen(audio, (level) => {
        this.level.value = this.muted.value ? 0 : level;
      });
    }
    if (video) {
      video.contentHint = "motion";
      this.hold("video", video);
    }
    void this.devices();
  }

  private hold(kind: Kind, track: MediaStreamTrack): void {
    const [held, told] = this.of(kind);
    const deviceId = track.getSettings?.().deviceId ?? "";
    const before = this.used[kind];
    if (before && before.label !== track.label) this.switched.value = { kind, label: track.label };
    this.used[kind] = { deviceId, label: track.label };
    this.preferred[kind] ??= deviceId || null;
    held.value = track;
    const look = () => {
      if (held.value !== track) return;
      const silent = track.muted || track.readyState === "ended";
      told.value = silent ? "interrupted" : null;
      if (silent) this.revive();
    };
    for (const event of ["ended", "mute", "unmute"]) track.addEventListener(event, look);
    look();
  }

  private microphone(): MediaTrackConstraints {
    return { ...AUDIO, ...this.device("audio") };
  }

  private camera(): MediaTrackConstraints {
    const { width, height, frameRate } = this.quality;
    return {
      width: { ideal: width },
      height: { ideal: height },
      frameRate: { ideal: frameRate, max: frameRate },
      ...(this.preferred.video ? this.device("video") : { facingMode: this.facing }),
    };
  }

  /** The preferred device while it is there, else the browser's own choice. */
  private device(kind: Kind): MediaTrackConstraints {
    const preferred = this.preferred[kind];
    return preferred ? { deviceId: { ideal: preferred } } : {};
  }

  /** Takes back what was interrupted, a few times; whoever calls again begins anew. */
  private revive(): void {
    clearTimeout(this.timer);
    const wait = REVIVE_MS[this.tries];
    if (wait === undefined) return;
    this.timer = setTimeout(async () => {
      // Nobody looks, and phones refuse: the page's return begins anew.
      if (document.visibilityState === "hidden") return;
      this.tries += 1;
      if (this.audioTrouble.value === "interrupted") await this.startAudio();
      if (this.videoTrouble.value === "interrupted") await this.startVideo();
      if (this.interrupted) this.revive();
      else this.tries = 0;
    }, wait);
  }

  private get interrupted(): boolean {
    return this.audioTrouble.value === "interrupted" || this.videoTrouble.value === "interrupted";
  }

  /** Somebody is back at the page. */
  private readonly attention = (): void => {
    if (document.visibilityState === "hidden" || !this.interrupted) return;
    this.tries = 0;
    this.revive();
  };

  private async devices(): Promise<MediaDeviceInfo[]> {
    const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    this.plugged.value = all;
    this.canFlip.value = all.filter((one) => one.kind === "videoinput").length > 1;
    return all;
  }

  private readonly devicesChanged = async (): Promise<void> => {
    const all = await this.devices();
    for (const kind of ["audio", "video"] as const) {
      const track = this.of(kind)[0].value;
      const used = this.used[kind];
      if (!track || !used) continue;
      const list = all.filter((one) => one.kind === `${kind}input`);
      const inUse = { ...used, ended: track.readyState === "ended" };
      if (outdated(list, inUse, this.preferred[kind]))
        await (kind === "audio" ? this.startAudio() : this.startVideo());
    }
  };
}

const AUDIO: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};

/** `?q=low` or the same remembered: small pictures, for slow machines and tests. */
function low(): Quality | null {
  if (!flag("hejieQuality", "low") && !/[?&]q=low\b/.test(location.search)) return null;
  return flag("hejieSimulcast") ? LOW_SIMULCAST : LOW;
}

function trouble(error: unknown): Trouble {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "absent";
  return "busy";
}
