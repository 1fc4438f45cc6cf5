// What is heard: plays every receiving sound slot, tells how loud each is, and whether the browser
// refuses to play before somebody taps.
import { type Signal, signal } from "@preact/signals";

const LOOK_MS = 200;
/** Every so many looks, what stands still is played again. */
const REPLAY = 5;
/** For so many looks silence is told too, so that who spoke is seen to fall silent. */
const FADE = 8;

export class Speakers {
  /** The browser wants a tap before it plays sound. */
  readonly blocked: Signal<boolean> = signal(false);
  /** Loudness by slot, 0 to 1; told at every look while there is any and for a moment after. */
  readonly levels: Signal<number[]> = signal([]);
  private players: HTMLAudioElement[] = [];
  private timer: ReturnType<typeof setInterval> | undefined;

  follow(pc: RTCPeerConnection, tracks: MediaStreamTrack[]): void {
    this.stop();
    this.players = tracks.map((track) => {
      const player = new Audio();
      player.srcObject = new MediaStream([track]);
      player.autoplay = true;
      return player;
    });
    void this.play();
    document.addEventListener("pointerdown", this.tapped);
    document.addEventListener("visibilitychange", this.replay);
    const receivers = tracks.map((track) => pc.getReceivers().find((one) => one.track === track));
    let looks = 0;
    let quiet = FADE;
    this.timer = setInterval(() => {
      looks += 1;
      // A page that captures may play: once the microphone is there, no tap is needed. And a phone call
      // pauses what plays; nothing but the page starts it again.
      if (looks % REPLAY === 0) this.replay();
      const levels = receivers.map((receiver) => loudness(receiver));
      quiet = levels.some((level) => level > 0) ? 0 : quiet + 1;
      if (quiet <= FADE) this.levels.value = levels;
    }, LOOK_MS);
  }

  /** Tries to play everything; called again by the tap that the browser wants. */
  async play(): Promise<void> {
    const results = await Promise.all(
      this.players.map((player) =>
        player.play().then(
          () => true,
          (error: unknown) => !(error instanceof DOMException && error.name === "NotAllowedError"),
        ),
      ),
    );
    this.blocked.value = results.includes(false);
  }

  stop(): void {
    clearInterval(this.timer);
    document.removeEventListener("pointerdown", this.tapped);
    document.removeEventListener("visibilitychange", this.replay);
    for (const player of this.players) {
      player.pause();
      player.srcObject = null;
    }
    this.players = [];
    this.levels.value = [];
  }

  private readonly replay = (): void => {
    if (document.visibilityState === "hidden") return;
    if (this.blocked.value || this.players.some((player) => player.paused)) void this.play();
  };

  /** Any tap will do. */
  private readonly tapped = (): void => {
    if (this.blocked.value) void this.play();
  };
}

/** From the last packet's audio level, if one came in the last half second. */
function loudness(receiver: RTCRtpReceiver | undefined): number {
  const [source] = receiver?.getSynchronizationSources?.() ?? [];
  if (!source?.audioLevel) return 0;
  const age = performance.timeOrigin + performance.now() - source.timestamp;
  if (age > 500 && performance.now() - source.timestamp > 500) return 0;
  return Math.round(source.audioLevel * 50) / 50;
}
