// Everything that a page with a room in it needs, as one object: the session, what is captured, the
// peer connection, and who has the large place. Phone, station and desk each make one and lay it out
// in their own way.
import { computed, effect, type ReadonlySignal, type Signal, signal, untracked } from "@preact/signals";
import type { Capture } from "../media/capture";
import { Peer } from "../media/peer";
import { Shown } from "../media/shown";
import { slotOf } from "../media/slots";
import { hear, silence, type Voices } from "../media/voices";
import type { Quality } from "../protocol/frames";
import { watchNetwork } from "../protocol/network";
import type { Session } from "../protocol/session";
import { Closed, Refused } from "../protocol/socket";
import type { Answer, Command, PersonId, PersonView, Phase, View } from "../protocol/types";
import { announce } from "./announce";

/** Why the last command did nothing: a refusal's code, or "closed". */
export type Failure = { what: Command["do"]; error: string };

export class Room {
  readonly peer: Peer;
  /** At what height the pictures of others are shown. */
  readonly shown: Shown;
  /** Chosen by hand for the large place. */
  readonly pinned: Signal<PersonId | null> = signal(null);
  /** Who speaks, how loud, and who had the floor last. */
  readonly voices: Signal<Voices<PersonId>> = signal(silence());
  /** Who speaks now. */
  readonly speaking: Signal<ReadonlySet<PersonId>> = signal(new Set());
  private readonly floor: ReadonlySignal<PersonId | null> = computed(() => this.voices.value.main);
  /** The last command that was refused, for the page to tell. */
  readonly failure: Signal<Failure | null> = signal(null);
  /** A chat line being written; survives closing the sheet and a reload. */
  readonly unsent: Signal<string>;
  readonly sending: Signal<boolean> = signal(false);
  /** How many chat lines were looked at. */
  readonly seen: Signal<number> = signal(0);
  /** The ceremony ended without an outcome: somebody declined, left, or the time was up. */
  readonly unsigned: Signal<boolean> = signal(false);
  private phase: Phase | undefined;
  private connected = "";
  private adopted = false;
  private readonly told = new Map<string, boolean>();
  private readonly stops: (() => void)[] = [];

  constructor(
    readonly session: Session,
    readonly capture: Capture,
  ) {
    this.unsent = signal(remembered(session.device));
    this.peer = new Peer(capture, {
      live: () => session.link.peek() === "live",
      offer: (sdp, restart) => session.offer(sdp, restart),
    });
    this.shown = new Shown((slots) => session.show(slots));
    this.stops.push(
      effect(() => this.followMedia()),
      effect(() => this.followVoices()),
      effect(() => this.followSlots()),
      effect(() => this.followLink()),
      watchNetwork(() => this.peer.moved()),
      effect(() => this.tellDevices()),
      effect(() => this.followCeremony()),
      announce(session),
    );
  }

  get view(): Signal<View | null> {
    return this.session.view;
  }

  /** Myself among the people, once admitted. */
  get self(): PersonView | null {
    const view = this.view.value;
    return view?.people.find((one) => one.person === view.me.person) ?? null;
  }

  /** The others who are in my room or may come back to it, in the order of their seats. */
  get others(): PersonView[] {
    const view = this.view.value;
    return view?.people.filter((one) => one.person !== view.me.person && one.presence !== "left") ?? [];
  }

  /** Chat lines that were not looked at. */
  get unread(): number {
    return Math.max(0, this.session.chat.value.length - this.seen.value);
  }

  /** Who has the large place: pinned, else who spoke last, else the mediator, else anybody. */
  get main(): PersonView | null {
    const here = this.others.filter((one) => one.with_me);
    const by = (id: PersonId | null) => here.find((one) => one.person === id);
    return (
      by(this.pinned.value) ??
      by(this.floor.value) ??
      here.find((one) => one.role === "mediator") ??
      here[0] ??
      this.others[0] ??
      null
    );
  }

  /** Who shows their screen to me. */
  get presenter(): PersonView | null {
    return this.view.value?.people.find((one) => one.screen && one.with_me) ?? null;
  }

  /** The camera track of somebody in my room; null when covered. */
  picture(person: PersonView): MediaStreamTrack | null {
    const { self } = this;
    if (!self || !person.with_me || !person.camera || person.presence !== "here") return null;
    const slot = this.slot(person);
    return slot === null ? this.capture.video.value : (this.peer.slots.value.video[slot] ?? null);
  }

  /** In which slot I receive somebody; null for myself. */
  slot(person: PersonView): number | null {
    const { self } = this;
    return self ? slotOf(self.seat, person.seat) : null;
  }

  /** What is wrong with somebody's line, if it is worth a mark. */
  weakness(person: PersonView): Quality | null {
    const line = this.session.lines.value.get(person.person);
    if (!line || !person.with_me || person.presence !== "here") return null;
    return line.grade === "poor" || line.grade === "lost" ? line : null;
  }

  /** The shared screen's track; null when nobody shares with me, or I do. */
  shared(): MediaStreamTrack | null {
    const by = this.presenter;
    if (!by || by.person === this.self?.person) return null;
    return this.peer.slots.value.video[this.screenSlot] ?? null;
  }

  /** The slot of the shared screen: the last one. */
  get screenSlot(): number {
    return this.peer.slots.value.video.length - 1;
  }

  /** Sends a command; a refusal is told in `failure`. Resolves with null then. */
  async send(command: Command): Promise<Answer | null> {
    try {
      const answer = await this.session.command(command);
      this.failure.value = null;
      return answer;
    } catch (error) {
      if (error instanceof Refused) this.failure.value = { what: command.do, error: error.error };
      else if (error instanceof Closed) this.failure.value = { what: command.do, error: "closed" };
      else throw error;
      return null;
    }
  }

  /** Keeps a chat line that is being written. */
  keep(text: string): void {
    this.unsent.value = text;
    try {
      sessionStorage.setItem(`hejie.unsent.${this.session.device}`, text);
    } catch {
      // Then it survives the sheet, not a reload.
    }
  }

  /** Silent or heard; asks for the microphone if there is none yet. */
  async toggleMute(): Promise<void> {
    if (this.capture.audio.value) {
      this.capture.setMuted(!this.capture.muted.value);
      return;
    }
    await this.capture.startAudio();
    if (this.capture.audio.value) this.capture.setMuted(false);
    else this.failure.value = { what: "mute", error: "device" };
  }

  async toggleCamera(): Promise<void> {
    if (this.capture.video.value) {
      this.capture.stopVideo();
      return;
    }
    await this.capture.startVideo();
    if (!this.capture.video.value) this.failure.value = { what: "camera", error: "device" };
  }

  /** The one tap after an interruption: devices and sound. */
  async carryOn(): Promise<void> {
    await Promise.all([this.capture.reacquire(), this.peer.speakers.play()]);
  }

  /** Ends everything of this room in this page. Says nothing to the server. */
  close(): void {
    for (const stop of this.stops.splice(0)) stop();
    this.shown.stop();
    this.peer.close();
    this.capture.stop();
    this.session.stop();
  }

  /** How loud I hear those who may be heard. */
  private followVoices(): void {
    const levels = this.peer.speakers.levels.value;
    untracked(() => {
      const heard = new Map<PersonId, number>();
      for (const one of this.others) {
        const level = levels[this.slot(one) ?? levels.length] ?? 0;
        if (one.with_me && !one.muted && !one.muted_by_mediator) heard.set(one.person, level);
      }
      this.voices.value = hear(this.voices.value, heard, Date.now());
      const now = this.voices.value.levels;
      const before = this.speaking.value;
      if (now.size !== before.size || [...now.keys()].some((one) => !before.has(one)))
        this.speaking.value = new Set(now.keys());
    });
  }

  /** A new connection, or a new wire, is told anew what is shown. */
  private followSlots(): void {
    const { video } = this.peer.slots.value;
    const live = this.session.link.value === "live";
    // A server that doesn't name its relays doesn't ask what is shown either.
    if (live && video.length && this.session.media.value?.ice_servers) this.shown.begin(video.length);
    else this.shown.stop();
  }

  /** The same session over a new wire: what waited for it goes on. */
  private followLink(): void {
    const live = this.session.link.value === "live";
    const setup = this.session.media.peek();
    if (live && setup && this.connected === `${this.session.generation.peek()}`) this.peer.resumed(setup);
  }

  /** A new connection for each admission and each connection that did not resume. */
  private followMedia(): void {
    const view = this.view.value;
    const setup = this.session.media.value;
    const inside = view !== null && (view.me.place === "joint" || view.me.place === "caucus");
    const open = view !== null && !["terminated", "adjourned"].includes(view.phase);
    const want = inside && open && setup && this.session.link.value !== "over";
    if (!want) {
      if (this.connected && (this.session.link.value === "over" || !inside || !open)) {
        this.connected = "";
        this.peer.close();
      }
      if (view !== null && (!open || view.me.place === "out" || this.session.link.value === "over"))
        this.capture.stop();
      return;
    }
    const which = `${this.session.generation.value}`;
    if (which === this.connected || this.session.link.value !== "live") return;
    this.connected = which;
    this.peer.connect(setup);
  }

  private followCeremony(): void {
    const phase = this.view.value?.phase;
    const before = this.phase;
    const news = before === undefined ? this.view.value?.signing_broken : before === "signing";
    if (news && phase === "drafting") this.unsigned.value = true;
    if (phase === "signing") this.unsigned.value = false;
    this.phase = phase;
  }

  /** Tells the server when my microphone or camera isn't what it believes. */
  private tellDevices(): void {
    const { self } = this;
    if (!self || this.session.link.value !== "live") return;
    if (!this.adopted) {
      // Back after a reload: whoever was silent stays silent until they say otherwise.
      this.adopted = true;
      if (self.muted) this.capture.setMuted(true);
    }
    const muted = this.capture.muted.value || this.capture.audio.value === null;
    const camera = this.capture.video.value !== null;
    if (this.session.may("mute")) this.tell("mute", self.muted, muted, { do: "mute", muted });
    if (this.session.may("camera")) this.tell("camera", self.camera, camera, { do: "camera", on: camera });
  }

  private tell(what: string, known: boolean, actual: boolean, command: Command): void {
    if (known === actual) {
      this.told.delete(what);
      return;
    }
    if (this.told.get(what) === actual) return;
    this.told.set(what, actual);
    // Not `send`: this is nobody's wish, so a refusal is nobody's trouble.
    void this.session.command(command).catch(() => this.told.delete(what));
  }
}

function remembered(device: string): string {
  try {
    return sessionStorage.getItem(`hejie.unsent.${device}`) ?? "";
  } catch {
    return "";
  }
}
