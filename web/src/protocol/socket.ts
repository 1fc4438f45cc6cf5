// The WebSocket of subprotocol `hejie.v1`: hello, resume, commands that are sent until they are
// answered, events in order, reconnecting. Knows no page and no media; `session.ts` is its caller.
//
// What always holds: an event is handed on once and in order, or the connection is begun anew; a
// command is answered exactly once, by the server or by `Closed`.
import type { Passing, Sent, Shown } from "./frames";
import type { Answer, Bye, Command, FromClient, Event as Known, Refusal } from "./types";

export type Event = Known | Passing;
type Frame = FromClient | Sent;

/** The little of a WebSocket that is used, so that tests can stand in for it. */
export interface Wire {
  readyState: number;
  send(text: string): void;
  close(): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
}

/** connecting: never been live. live: in step with the server. broken: trying again. over: no use trying. */
export type Link = "connecting" | "live" | "broken" | "over";

/** The server refused a command; nothing was changed. */
export class Refused extends Error {
  constructor(
    readonly error: Refusal,
    detail: string,
  ) {
    super(detail);
  }
}

/** The connection ended before an answer came, and won't come back. */
export class Closed extends Error {}

export interface Needs {
  open: () => Wire;
  onEvent: (event: Event) => void;
  onLink: (link: Link, why: Bye | null) => void;
  /** Asked after several failures in a row: does the server still know this device? */
  known: () => Promise<boolean>;
  random?: () => number;
}

interface Pending {
  frame: Frame;
  /** Offers belong to one connection; commands outlive it. */
  once: boolean;
  resolve: (answer: Answer) => void;
  reject: (error: Error) => void;
}

const PING_MS = 10_000;
const SILENCE_MS = 25_000;
const HELLO_MS = 8_000;
/** After a nudge: no answer for so long means that this wire leads nowhere any more. */
const NUDGE_MS = 4_000;
const BACKOFF_MS = [200, 500, 1000, 2000, 3000];

export class Socket {
  private wire: Wire | null = null;
  private link: Link = "connecting";
  private connection: string | null = null;
  private seq = 0;
  private failures = 0;
  private count = 0;
  private heard = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private pulse: ReturnType<typeof setInterval> | undefined;
  private nudged: ReturnType<typeof setTimeout> | undefined;
  private readonly pending = new Map<string, Pending>();
  private readonly random: () => number;
  private readonly prefix: string;

  constructor(private readonly needs: Needs) {
    this.random = needs.random ?? Math.random;
    this.prefix = Math.floor(this.random() * 36 ** 8).toString(36);
  }

  start(): void {
    this.dial();
  }

  /** Stops for good. */
  stop(): void {
    this.end(null);
  }

  /** Tries at once, as when the network or the page is back. */
  nudge(): void {
    if (this.link === "over") return;
    if (this.link === "live") {
      this.sendPing();
      // A wire over a network that is gone breaks silently: don't wait for the usual silence.
      const { wire } = this;
      clearTimeout(this.nudged);
      const before = Date.now();
      this.nudged = setTimeout(() => {
        if (this.wire === wire && this.heard < before) this.drop();
      }, NUDGE_MS);
    } else if (this.retry !== undefined) this.dial();
  }

  /** Resolves when the server did it; rejects with `Refused` or `Closed`. Repeated over reconnections. */
  command(command: Command): Promise<Answer> {
    const id = `${this.prefix}-${++this.count}`;
    return this.ask(id, { type: "command", id, command }, false);
  }

  /**
   * The answering SDP; `restart` for an ICE restart of the connection at hand. Rejects with `Closed` when
   * the connection breaks: offer anew then.
   */
  async offer(sdp: string, restart = false): Promise<string> {
    const id = `${this.prefix}-${++this.count}`;
    const frame: Frame = restart ? { type: "offer", id, sdp, restart } : { type: "offer", id, sdp };
    const answer = await this.ask(id, frame, true);
    if (answer.is !== "answer") throw new Closed("no answer to an offer");
    return answer.sdp;
  }

  /** Tells at what height the slots are shown. Not answered, not repeated. */
  show(slots: Shown[]): void {
    if (this.link === "live") this.send({ type: "show", slots });
  }

  private ask(id: string, frame: Frame, once: boolean): Promise<Answer> {
    if (this.link === "over" || (once && this.link !== "live"))
      return Promise.reject(new Closed("not connected"));
    return new Promise((resolve, reject) => {
      this.pending.set(id, { frame, once, resolve, reject });
      if (this.link === "live") this.send(frame);
    });
  }

  private dial(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    const wire = this.needs.open();
    this.wire = wire;
    this.heard = Date.now();
    wire.onopen = () => {
      if (this.wire !== wire) return;
      const resume = this.connection === null ? null : { connection: this.connection, seq: this.seq };
      this.send({ type: "hello", resume });
    };
    wire.onmessage = (message: { data: unknown }) => {
      if (this.wire === wire) this.hear(message.data);
    };
    wire.onclose = () => {
      if (this.wire === wire) this.lost();
    };
    clearInterval(this.pulse);
    this.pulse = setInterval(() => this.beat(), PING_MS / 2);
  }

  private beat(): void {
    const silent = Date.now() - this.heard;
    if (silent > (this.link === "live" ? SILENCE_MS : HELLO_MS)) this.drop();
    else if (this.link === "live" && silent >= PING_MS / 2) this.sendPing();
  }

  private sendPing(): void {
    this.send({ type: "ping" });
  }

  private send(frame: Frame): void {
    if (this.wire?.readyState === 1) this.wire.send(JSON.stringify(frame));
  }

  private hear(data: unknown): void {
    this.heard = Date.now();
    let event: Event;
    try {
      event = JSON.parse(String(data)) as Event;
    } catch {
      this.drop();
      return;
    }
    switch (event.type) {
      case "welcome":
        this.welcomed(event);
        return;
      case "view":
      case "chat":
        this.next(event);
        return;
      case "reply":
        this.replied(event.id, event.result);
        return;
      case "bye":
        this.dismissed(event.why, event.again);
        return;
      case "pong":
      case "line":
      case "echo":
        this.needs.onEvent(event);
    }
  }

  private welcomed(event: Event & { type: "welcome" }): void {
    this.connection = event.connection;
    if (!event.resumed) this.seq = event.seq;
    this.failures = 0;
    this.needs.onEvent(event);
    this.say("live", null);
    for (const { frame } of this.pending.values()) this.send(frame);
  }

  private next(event: Event & { type: "view" | "chat" }): void {
    if (event.seq <= this.seq) return;
    if (event.seq !== this.seq + 1) {
      this.drop();
      return;
    }
    this.seq = event.seq;
    this.needs.onEvent(event);
  }

  private replied(id: string, result: Answer): void {
    const waiting = this.pending.get(id);
    if (!waiting) return;
    this.pending.delete(id);
    if (result.is === "refused") waiting.reject(new Refused(result.error, result.detail));
    else waiting.resolve(result);
  }

  private dismissed(why: Bye, again: boolean): void {
    if (again) this.drop();
    else this.end(why);
  }

  /** Gives this wire up and tries again. */
  private drop(): void {
    const wire = this.wire;
    this.lost();
    wire?.close();
  }

  private lost(): void {
    if (this.link === "over") return;
    this.wire = null;
    clearInterval(this.pulse);
    clearTimeout(this.nudged);
    for (const [id, waiting] of this.pending) {
      if (!waiting.once) continue;
      this.pending.delete(id);
      waiting.reject(new Closed("the connection broke"));
    }
    const step = BACKOFF_MS[Math.min(this.failures, BACKOFF_MS.length - 1)] ?? 0;
    this.failures += 1;
    this.say(this.link === "connecting" ? "connecting" : "broken", null);
    clearTimeout(this.retry);
    this.retry = setTimeout(() => void this.again(), step / 2 + (this.random() * step) / 2);
  }

  private async again(): Promise<void> {
    if (this.failures % 3 === 0 && !(await this.needs.known().catch(() => true))) {
      this.end("out");
      return;
    }
    if (this.link !== "over" && this.wire === null) this.dial();
  }

  private end(why: Bye | null): void {
    const wire = this.wire;
    this.wire = null;
    clearTimeout(this.retry);
    clearTimeout(this.nudged);
    clearInterval(this.pulse);
    this.say("over", why);
    for (const waiting of this.pending.values()) waiting.reject(new Closed("the connection is over"));
    this.pending.clear();
    wire?.close();
  }

  private say(link: Link, why: Bye | null): void {
    if (this.link === link && link !== "live") return;
    this.link = link;
    this.needs.onLink(link, why);
  }
}
