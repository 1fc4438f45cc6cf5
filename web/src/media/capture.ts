// The one owner of microphone, camera and screen. Nothing else calls getUserMedia: on iOS a second
// call mutes the first, and a stopped track never comes back. Pages read the signals; the peer sends
// whatever tracks stand here.
import { type Signal, signal } from "@preact/signals";

/** Why there is no microphone or camera. */
export type Trouble = "refused" | "absent" | "busy" | "interrupted";

export interface Quality {
  width: number;
  height: number;
  frameRate: number;
}

export const PHONE: Quality = { width: 640, height: 480, frameRate: 24 };
export const DESK: Quality = { width: 960, height: 540, frameRate: 25 };
const LOW: Quality = { width: 320, height: 240, frameRate: 15 };

export class Capture {
  readonly audio: Signal<MediaStreamTrack | null> = signal(null);
  readonly video: Signal<MediaStreamTrack | null> = signal(null);
  readonly screen: Signal<MediaStreamTrack | null> = signal(null);
  readonly audioTrouble: Signal<Trouble | null> = signal(null);
  readonly videoTrouble: Signal<Trouble | null> = signal(null);
  /** The microphone's level, 0 to 1, ten times a second. */
  readonly level: Signal<number> = signal(0);
  /** Microphone switched off by its owner. */
  readonly muted: Signal<boolean> = signal(false);
  /** More than one camera to choose from. */
  readonly canFlip: Signal<boolean> = signal(false);
  private facing: "user" | "environment" = "user";
  private meter: { stop: () => void } | null = null;

  private readonly quality: Quality;

  constructor(quality: Quality = PHONE) {
    this.quality = low() ? LOW : quality;
    navigator.mediaDevices?.addEventListener?.("devicechange", this.devicesChanged);
  }

  /** Asks for both; goes on with what there is. Never throws: what failed stands in the troubles. */
  async start(want: { audio: boolean; video: boolean } = { audio: true, video: true }): Promise<void> {
    if (want.audio && want.video) {
      try {
        this.take(await navigator.mediaDevices.getUserMedia({ audio: AUDIO, video: this.camera() }));
        return;
      } catch {
        // One of the two is missing or refused: ask for each alone, microphone first.
      }
    }
    if (want.audio) await this.startAudio();
    if (want.video) await this.startVideo();
  }

  async startAudio(): Promise<void> {
    try {
      this.take(await navigator.mediaDevices.getUserMedia({ audio: AUDIO }));
    } catch (error) {
      this.audioTrouble.value = trouble(error);
    }
  }

  async startVideo(): Promise<void> {
    try {
      this.take(await navigator.mediaDevices.getUserMedia({ video: this.camera() }));
    } catch (error) {
      this.videoTrouble.value = trouble(error);
    }
  }

  /** The camera's light goes out: the track is ended, not only black. */
  stopVideo(): void {
    this.video.value?.stop();
    this.video.value = null;
  }

  setMuted(muted: boolean): void {
    this.muted.value = muted;
    if (this.audio.value) this.audio.value.enabled = !muted;
  }

  /** The other camera. The old track is stopped first: many phones can't open both. */
  async flip(): Promise<void> {
    this.facing = this.facing === "user" ? "environment" : "user";
    this.stopVideo();
    await this.startVideo();
  }

  get mirrored(): boolean {
    return this.facing === "user";
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

  /** After a phone call, a nap in the background or a pulled plug: takes everything anew. */
  async reacquire(): Promise<void> {
    const video = this.video.value !== null || this.videoTrouble.value === "interrupted";
    this.release();
    await this.start({ audio: true, video });
    this.setMuted(this.muted.value);
  }

  /** Lets go of everything. */
  stop(): void {
    this.release();
    this.stopScreen();
    navigator.mediaDevices?.removeEventListener?.("devicechange", this.devicesChanged);
  }

  private release(): void {
    this.meter?.stop();
    this.meter = null;
    this.audio.value?.stop();
    this.audio.value = null;
    this.stopVideo();
  }

  private take(stream: MediaStream): void {
    const [audio] = stream.getAudioTracks();
    const [video] = stream.getVideoTracks();
    if (audio) {
      this.audio.value?.stop();
      audio.enabled = !this.muted.value;
      this.watch(audio, this.audio, this.audioTrouble);
      this.meter?.stop();
      this.meter = listen(audio, (level) => {
        this.level.value = this.muted.value ? 0 : level;
      });
    }
    if (video) {
      this.video.value?.stop();
      video.contentHint = "motion";
      this.watch(video, this.video, this.videoTrouble);
    }
    void this.devicesChanged();
  }

  private watch(
    track: MediaStreamTrack,
    held: Signal<MediaStreamTrack | null>,
    told: Signal<Trouble | null>,
  ) {
    held.value = track;
    told.value = null;
    const interrupted = () => {
      if (held.value === track) told.value = "interrupted";
    };
    track.addEventListener("ended", interrupted);
    track.addEventListener("mute", interrupted);
    track.addEventListener("unmute", () => {
      if (held.value === track && track.readyState === "live") told.value = null;
    });
  }

  private camera(): MediaTrackConstraints {
    const { width, height, frameRate } = this.quality;
    return {
      width: { ideal: width },
      height: { ideal: height },
      frameRate: { ideal: frameRate, max: frameRate },
      facingMode: this.facing,
    };
  }

  private readonly devicesChanged = async (): Promise<void> => {
    const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    this.canFlip.value = all.filter((one) => one.kind === "videoinput").length > 1;
    if (this.audio.value?.readyState === "ended" && all.some((one) => one.kind === "audioinput")) {
      await this.startAudio();
    }
  };
}

const AUDIO: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};

/** `?q=low` or the same remembered: small pictures, for slow machines and tests. */
function low(): boolean {
  try {
    return /[?&]q=low\b/.test(location.search) || localStorage.getItem("hejieQuality") === "low";
  } catch {
    return false;
  }
}

function trouble(error: unknown): Trouble {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "absent";
  return "busy";
}

/** Tells the level of a track ten times a second until stopped. */
function listen(track: MediaStreamTrack, tell: (level: number) => void): { stop: () => void } {
  const Context =
    window.AudioContext ??
    (window as unknown as { webkitAudioContext?: typeof AudioContext }).webkitAudioContext;
  if (!Context) return { stop: () => undefined };
  const context = new Context();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Uint8Array(analyser.fftSize);
  const timer = setInterval(() => {
    if (context.state === "suspended") void context.resume();
    analyser.getByteTimeDomainData(samples);
    let sum = 0;
    for (const sample of samples) sum += (sample - 128) ** 2;
    tell(Math.min(1, (Math.sqrt(sum / samples.length) / 128) * 5));
  }, 100);
  return {
    stop: () => {
      clearInterval(timer);
      tell(0);
      void context.close();
    },
  };
}
