// The network's check: which ways are tried, in which order, and what came of it. Plain UDP first; the
// others only where that fails, or when somebody wants to know it all.
//
// What always holds: one way at a time; a way that was tried is not tried again unless asked for anew.
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { type TrialNeeds, tryWay, type Way } from "../../../media/trial";
import type { IceServer } from "../../../protocol/frames";
import { type Trials, type Verdict, verdict, WAYS, worthTrying } from "./verdict";

export class NetworkCheck {
  readonly trials: Signal<Trials> = signal({});
  readonly running: Signal<Way | null> = signal(null);
  /** Null until there is something to say. */
  readonly verdict: ReadonlySignal<Verdict | null>;
  private relays: IceServer[] = [];
  private queue: Promise<void> = Promise.resolve();
  private readonly gone = new AbortController();
  private readonly finished = signal(false);

  constructor(
    private readonly ask: TrialNeeds["ask"],
    private readonly attempt: typeof tryWay = tryWay,
  ) {
    this.verdict = computed(() => (this.finished.value ? verdict(this.trials.value) : null));
  }

  /** Tries what was not tried yet: `all` the ways, or as many as it takes. */
  run(all: boolean): Promise<void> {
    this.queue = this.queue.then(() => this.tryAll(all));
    return this.queue;
  }

  /** Everything anew, after somebody changed something. */
  again(): Promise<void> {
    this.queue = this.queue.then(() => {
      this.trials.value = {};
      this.finished.value = false;
    });
    return this.run(true);
  }

  /** The call begins: nothing more is sent. */
  stop(): void {
    this.gone.abort();
  }

  private async tryAll(all: boolean): Promise<void> {
    for (const way of WAYS) {
      if (this.gone.signal.aborted) break;
      if (this.trials.value[way] || !worthTrying(way, this.trials.value, all)) continue;
      this.running.value = way;
      const trial = await this.attempt(way, {
        ask: async (sdp, via) => {
          const asked = await this.ask(sdp, via);
          this.relays = asked.ice_servers;
          return asked;
        },
        relays: this.relays,
        stop: this.gone.signal,
      });
      this.trials.value = { ...this.trials.value, [way]: trial };
    }
    this.running.value = null;
    this.finished.value = !this.gone.signal.aborted;
  }
}
