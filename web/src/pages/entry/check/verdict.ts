// What the ways to the server mean for a call, in one of a few words. The best way that gets through
// decides, as it will in the call.
//
// Pure.
import type { Trial, Way } from "../../../media/trial";

export type Trials = Partial<Record<Way, Trial>>;

export type Verdict =
  | "good"
  /** Sound is safe; the picture may stop now and then. */
  | "fair"
  /** Only sound is worth trying. */
  | "sound"
  | "none"
  /** The server could not be asked: says nothing about the network. */
  | "unknown";

/** Up to these, both, a network is good for pictures, fair for pictures, good for sound. */
const GOOD = { loss: 0.03, roundTrip: 300 };
const FAIR = { loss: 0.1, roundTrip: 700 };
const SOUND = { loss: 0.4, roundTrip: 3_000 };

/** In the order in which a call takes them. */
export const WAYS: readonly Way[] = ["udp", "tcp", "relay"];

export function verdict(trials: Trials): Verdict {
  const tried = WAYS.map((way) => ({ way, trial: trials[way] }));
  for (const { way, trial } of tried) {
    if (trial?.is !== "through") continue;
    const { roundTrip, loss } = trial;
    const within = (limit: typeof GOOD) => (loss ?? 0) <= limit.loss && (roundTrip ?? 0) <= limit.roundTrip;
    // What is lost on a TCP connection holds up everything behind it.
    if (within(GOOD) && way !== "tcp") return "good";
    if (within(FAIR)) return "fair";
    return within(SOUND) ? "sound" : "none";
  }
  const results = tried.flatMap(({ trial }) => (trial && trial.is !== "absent" ? [trial.is] : []));
  return results.length > 0 && results.every((is) => is === "blocked") ? "none" : "unknown";
}

/** A way that is worse than the first needs trying only where the first fails. */
export function worthTrying(way: Way, trials: Trials, all: boolean): boolean {
  return way === "udp" || all || trials.udp?.is !== "through";
}
