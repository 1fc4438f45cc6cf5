// Who speaks. Levels come a few times a second and dip between syllables, so each is held for a moment;
// the main speaker changes only to somebody who has been the loudest for a while. Silence changes nothing.
//
// Pure.

/** Quieter than this is no voice. */
const LOUD = 0.06;
/** A level falls to half in so long. */
const HALF_MS = 200;
/** How long somebody must have been the loudest. */
const TAKE_MS = 400;
/** How long the main speaker stays at least. */
const HOLD_MS = 1_500;
/** How much louder somebody must be than the main speaker. */
const MARGIN = 1.25;

export interface Voices<Id> {
  /** Held levels of those who are not silent. */
  readonly levels: ReadonlyMap<Id, number>;
  /** The main speaker: the last one who had the floor. */
  readonly main: Id | null;
  readonly mainSince: number;
  readonly challenger: Id | null;
  readonly challengerSince: number;
  readonly at: number;
}

export function silence<Id>(): Voices<Id> {
  return { levels: new Map(), main: null, mainSince: 0, challenger: null, challengerSince: 0, at: 0 };
}

/** What follows from the levels (0 to 1) of those who can be heard at `now` (milliseconds). */
export function hear<Id>(before: Voices<Id>, heard: ReadonlyMap<Id, number>, now: number): Voices<Id> {
  const fall = 0.5 ** (Math.max(0, now - before.at) / HALF_MS);
  const levels = new Map<Id, number>();
  for (const [id, level] of heard) {
    const held = Math.max(level, (before.levels.get(id) ?? 0) * fall);
    if (held > LOUD) levels.set(id, held);
  }
  const next = { ...before, levels, at: now };
  const loudest = loudestOf(levels, before.main);
  if (loudest === null || loudest === before.main) return { ...next, challenger: null };
  const since = loudest === before.challenger ? before.challengerSince : now;
  const held = before.main === null || now - before.mainSince >= HOLD_MS;
  if (held && now - since >= TAKE_MS)
    return { ...next, main: loudest, mainSince: now, challenger: null, challengerSince: 0 };
  return { ...next, challenger: loudest, challengerSince: since };
}

function loudestOf<Id>(levels: ReadonlyMap<Id, number>, main: Id | null): Id | null {
  let best = main;
  let bar = main === null ? 0 : (levels.get(main) ?? 0) * MARGIN;
  if (bar === 0) best = null;
  for (const [id, level] of levels) {
    if (level <= bar) continue;
    best = id;
    bar = level;
  }
  return best;
}
