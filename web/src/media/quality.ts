// How well the line carries: from the loss of incoming sound and the time to the server and back, over
// the last few seconds. Only "weak" is worth telling anybody.
import { type Signal, signal } from "@preact/signals";

const LOOK_MS = 4_000;
const LOSS = 0.08;
const ROUND_TRIP_S = 0.7;
/** So many looks in a row decide, so that one bad second says nothing. */
const IN_A_ROW = 2;

export class Quality {
  readonly weak: Signal<boolean> = signal(false);
  private timer: ReturnType<typeof setInterval> | undefined;
  private received = 0;
  private lost = 0;
  private streak = 0;

  follow(pc: RTCPeerConnection): void {
    this.stop();
    this.timer = setInterval(() => void this.look(pc), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.received = 0;
    this.lost = 0;
    this.streak = 0;
    this.weak.value = false;
  }

  private async look(pc: RTCPeerConnection): Promise<void> {
    if (pc.connectionState !== "connected") return;
    let received = 0;
    let lost = 0;
    let roundTrip = 0;
    for (const one of (await pc.getStats()).values() as IterableIterator<Seen>) {
      if (one.type === "inbound-rtp" && one.kind === "audio") {
        received += one.packetsReceived ?? 0;
        lost += one.packetsLost ?? 0;
      }
      if (one.type === "candidate-pair" && one.nominated) roundTrip = one.currentRoundTripTime ?? 0;
    }
    const [came, missed] = [received - this.received, lost - this.lost];
    this.received = received;
    this.lost = lost;
    const bad = roundTrip > ROUND_TRIP_S || (came + missed > 40 && missed / (came + missed) > LOSS);
    if (bad === this.weak.value) {
      this.streak = 0;
      return;
    }
    this.streak += 1;
    if (this.streak >= IN_A_ROW) {
      this.weak.value = bad;
      this.streak = 0;
    }
  }
}

interface Seen {
  type: string;
  kind?: string;
  packetsReceived?: number;
  packetsLost?: number;
  nominated?: boolean;
  currentRoundTripTime?: number;
}
