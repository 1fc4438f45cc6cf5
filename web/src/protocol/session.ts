// What a page knows of its session, as signals: the last view, the chat, how the connection fares.
// Pages read these and send commands; they never touch the socket.
import { type Signal, signal } from "@preact/signals";
import { device as askDevice, Problem, socketUrl } from "./api";
import type { Passing, Quality, Setup, Shown } from "./frames";
import { watchNetwork } from "./network";
import { type Event, type Link, Socket, type Wire } from "./socket";
import type { Answer, Bye, ChatLine, Command, DeviceId, PersonId, View } from "./types";

export class Session {
  readonly view: Signal<View | null> = signal(null);
  readonly chat: Signal<ChatLine[]> = signal([]);
  readonly link: Signal<Link> = signal("connecting");
  /** Why the connection is over, if it is. */
  readonly over: Signal<Bye | null> = signal(null);
  /** What to offer: how many receiving slots, over which relays; null until welcomed. */
  readonly media: Signal<Setup | null> = signal(null);
  /** How good my own line is, as the server measures it; null until it says. */
  readonly line: Signal<Quality | null> = signal(null);
  /** The lines of others in my room that the server spoke of. */
  readonly lines: Signal<ReadonlyMap<PersonId, Quality>> = signal(new Map());
  /** Whose microphone returned what others say, and when that was told (the page's clock). */
  readonly echo: Signal<{ of: PersonId; at: number } | null> = signal(null);
  /** Grows with each connection that did not resume: media begins anew then. */
  readonly generation: Signal<number> = signal(0);
  private ahead = 0;
  private unwatch: () => void = () => undefined;
  private readonly socket: Socket;

  constructor(
    readonly device: DeviceId,
    open: () => Wire = () => new WebSocket(socketUrl(device), "hejie.v1"),
  ) {
    this.socket = new Socket({
      open,
      onEvent: (event) => this.take(event),
      onLink: (link, why) => {
        this.link.value = link;
        if (link === "over") this.over.value = why;
      },
      known: () => known(device),
    });
  }

  start(): void {
    this.socket.start();
    if (typeof window === "undefined") return;
    this.unwatch = watchNetwork(this.nudge);
    document.addEventListener("visibilitychange", this.nudge);
  }

  stop(): void {
    this.socket.stop();
    this.unwatch();
    if (typeof window === "undefined") return;
    document.removeEventListener("visibilitychange", this.nudge);
  }

  /** Resolves when done; rejects with `Refused` (nothing changed) or `Closed`. */
  command(command: Command): Promise<Answer> {
    return this.socket.command(command);
  }

  offer(sdp: string, restart = false): Promise<string> {
    return this.socket.offer(sdp, restart);
  }

  show(slots: Shown[]): void {
    this.socket.show(slots);
  }

  /** Whether the server would accept this command now. */
  may(what: Command["do"]): boolean {
    return this.view.value?.me.may.includes(what) ?? false;
  }

  /** The server's time, milliseconds since 1970. */
  now(): number {
    return Date.now() + this.ahead;
  }

  private readonly nudge = (): void => {
    if (typeof document === "undefined" || document.visibilityState === "visible") this.socket.nudge();
  };

  private take(event: Event): void {
    switch (event.type) {
      case "welcome":
        this.ahead = event.now - Date.now();
        this.media.value = event.media;
        if (event.view) this.view.value = event.view;
        if (!event.resumed) {
          this.line.value = null;
          this.lines.value = new Map();
          this.chat.value = event.chat;
          this.generation.value += 1;
        } else if (event.chat.length) this.chat.value = [...this.chat.value, ...event.chat];
        return;
      case "view":
        this.ahead = event.now - Date.now();
        this.view.value = event.view;
        return;
      case "chat":
        this.chat.value = [...this.chat.value, event.line];
        return;
      case "pong":
        this.ahead = event.now - Date.now();
        return;
      case "line":
      case "echo":
        this.hint(event);
        return;
      default:
    }
  }

  private hint(event: Passing): void {
    if (event.type === "echo") this.echo.value = { of: event.of, at: Date.now() };
    else if (event.of === null) this.line.value = event.quality;
    else this.lines.value = new Map(this.lines.value).set(event.of, event.quality);
  }
}

/** False only when the server says that it does not know this device (any more). */
async function known(device: DeviceId): Promise<boolean> {
  try {
    await askDevice(device);
    return true;
  } catch (error) {
    return !(error instanceof Problem && [401, 403, 404, 410].includes(error.status));
  }
}
