// The way in, one question after the other: does the browser do, who invites me, the ground rules, my
// microphone and camera, then joining, which consumes the link. A reload comes back by the address.
import { type Signal, signal } from "@preact/signals";
import { forget, type NewKey, newKey } from "../../crypto/keys";
import { language, remembered, setLanguage } from "../../i18n";
import { setZone } from "../../i18n/dates";
import { Capture } from "../../media/capture";
import * as api from "../../protocol/api";
import { Session } from "../../protocol/session";
import type { DeviceId, Surface } from "../../protocol/types";
import { forgetOutgoing } from "../../room/Documents";
import { Room } from "../../room/room";
import type { NetworkCheck } from "./check/network";
import { browserName, type Missing, missing } from "./fitness";
import { leftBehind, recall, recallDevice, remember, type Takes, type Visit, wipe } from "./memory";

export type Step =
  | { at: "loading" }
  | { at: "idle" }
  | { at: "unfit"; lacks: Missing[] }
  /** The link or the server doesn't let me in; `code` says why. */
  | { at: "trouble"; code: string }
  | { at: "invited" }
  | { at: "rules" }
  | { at: "devices" }
  | { at: "room"; room: Room }
  | { at: "left" };

export class Entry {
  readonly step: Signal<Step> = signal({ at: "loading" });
  readonly look: Signal<api.InvitationLook | null> = signal(null);
  readonly rules: Signal<api.GroundRules | null> = signal(null);
  readonly accepted: Signal<boolean> = signal(false);
  readonly publication: Signal<boolean> = signal(false);
  readonly busy: Signal<boolean> = signal(false);
  /** Why the last attempt failed; everything chosen so far is kept. */
  readonly problem: Signal<string | null> = signal(null);
  readonly visit: Signal<Visit | null> = signal(null);
  /** What is known of the network; null before anybody wanted to know. */
  readonly network: Signal<NetworkCheck | null> = signal(null);
  /** The page on which devices and network are tried stands in front. */
  readonly checking: Signal<boolean> = signal(false);
  capture: Capture | null = null;
  private token: string | null = null;
  /** Kept over a failed attempt: joining again with the same key is harmless. */
  private key: NewKey | null = null;
  private again = false;

  constructor(readonly surface: Surface) {}

  /** Reads the address: `/j#TOKEN`, `/j/DEVICE` or neither. */
  async begin(): Promise<void> {
    void api.about().then(
      (about) => setZone(about.time_zone),
      () => undefined,
    );
    const token = location.hash.slice(1);
    const device = location.pathname.split("/")[2] ?? "";
    if (!token && !device) {
      this.step.value = this.surface === "station" ? { at: "idle" } : { at: "trouble", code: "no_link" };
      if (this.surface === "station") await forgetLeftBehind();
      return;
    }
    const lacks = missing();
    if (lacks.length) this.step.value = { at: "unfit", lacks };
    else if (device) await this.comeBack(device);
    else await this.arrive(token);
  }

  /** A link opened in this tab changes no more than the part behind #, which loads nothing anew. */
  followAddress(): void {
    window.addEventListener("hashchange", () => {
      if (location.hash.length > 1 && this.step.value.at !== "room") void this.begin();
    });
  }

  /** Somebody came with this link. */
  async arrive(token: string): Promise<void> {
    this.token = token;
    this.step.value = { at: "loading" };
    try {
      const look = await api.look(token);
      this.look.value = look;
      if (look.state === "used") {
        const visit = await recall(token);
        if (visit) return await this.comeBack(visit.device);
      }
      if (look.state !== "open") {
        this.step.value = { at: "trouble", code: `invitation_${look.state}` };
        return;
      }
      if (!remembered()) await setLanguage(look.language);
      this.step.value = { at: "invited" };
    } catch (error) {
      this.fail(error);
    }
  }

  /** The link was used before, but it is me, on another device: knock and let the mediator decide. */
  knockAgain(): void {
    this.again = true;
    this.step.value = { at: "invited" };
  }

  async showRules(): Promise<void> {
    await this.attempt(async () => {
      await this.loadRules();
      this.step.value = { at: "rules" };
    });
    void this.tryNetwork(false);
  }

  /** Tries the network, `all` of its ways or as many as it takes. Its script comes when it is wanted. */
  async tryNetwork(all: boolean): Promise<void> {
    try {
      const { NetworkCheck } = await import("./check/network");
      this.network.value ??= new NetworkCheck(async (sdp, via) => api.networkCheck(this.asWhom(), sdp, via));
      await this.network.value.run(all);
    } catch {
      // Without its script nothing is known of the network, and nobody is warned for nothing.
    }
  }

  /** The rules in the language of the page; accepting is by text, so another language asks anew. */
  async loadRules(): Promise<void> {
    if (this.rules.value?.lang === language.value) return;
    this.rules.value = await api.groundRules(language.value);
    this.accepted.value = false;
  }

  async showDevices(): Promise<void> {
    this.capture ??= new Capture();
    this.step.value = { at: "devices" };
    if (!this.capture.audio.value && !this.capture.video.value) await this.capture.start();
  }

  /** Consumes the link and begins the session, with no more than `takes` of what was opened. */
  async join(takes: Takes = { audio: true, video: true }): Promise<void> {
    const { token, rules, look } = { token: this.token, rules: this.rules.value, look: this.look.value };
    if (!token || !rules || !look) return;
    await this.attempt(async () => {
      this.key ??= await newKey();
      const { key } = this;
      const joined = await api.join({
        token,
        jwk: key.jwk,
        ground_rules: { version: rules.version, hash: rules.hash, lang: rules.lang },
        publication_consent: this.publication.value,
        language: language.value,
        browser: browserName(),
        again: this.again,
      });
      await key.store(joined.device);
      this.key = null;
      const visit: Visit = {
        device: joined.device,
        surface: this.surface,
        at: Date.now(),
        name: look.name,
        subject: look.subject,
        mediator: look.mediator,
        takes,
      };
      this.letGo(takes);
      await remember(token, visit);
      this.visit.value = visit;
      this.enter(joined.device);
    });
  }

  /** Leaves for good. At a station nothing of the visit stays. */
  async leave(room: Room): Promise<void> {
    const { device } = room.session;
    await Promise.race([room.send({ do: "leave" }), new Promise((resolve) => setTimeout(resolve, 2500))]);
    room.close();
    await forget(device).catch(() => undefined);
    if (this.surface === "station") await api.forgetDevice(device).catch(() => undefined);
    forgetOutgoing();
    this.clean();
    this.step.value = { at: "left" };
  }

  /** Back to an empty page; a station's next visitor finds nothing. */
  clean(): void {
    this.capture?.stop();
    this.capture = null;
    this.token = null;
    this.key = null;
    this.again = false;
    this.look.value = null;
    this.rules.value = null;
    this.accepted.value = false;
    this.publication.value = false;
    this.problem.value = null;
    this.visit.value = null;
    this.endTrial();
    this.network.value = null;
    if (this.surface === "station") {
      wipe();
      history.replaceState(null, "", "/station");
    }
  }

  private async comeBack(device: DeviceId): Promise<void> {
    try {
      const { state } = await api.device(device);
      if (state === "left") {
        this.step.value = { at: "left" };
        return;
      }
      if (state !== "waiting" && state !== "in") {
        this.step.value = { at: "trouble", code: `device_${state}` };
        return;
      }
      this.visit.value = recallDevice(device);
      this.capture = new Capture();
      void this.capture.start(this.visit.value?.takes);
      this.enter(device);
    } catch (error) {
      this.fail(error);
    }
  }

  private enter(device: DeviceId): void {
    this.capture ??= new Capture();
    this.endTrial();
    const base = this.surface === "station" ? "/station" : "/j";
    history.replaceState(null, "", `${base}/${device}`);
    const session = new Session(device);
    const room = new Room(session, this.capture);
    session.start();
    this.step.value = { at: "room", room };
  }

  /** What somebody did not choose is switched off before they go in. */
  private letGo({ audio, video }: Takes): void {
    if (!audio && !video) {
      this.capture?.stop();
      this.capture = null;
    } else if (!video) this.capture?.stopVideo();
  }

  /** A trial under way must not be in the call's way; what it found before stays. */
  private endTrial(): void {
    this.checking.value = false;
    if (this.network.value?.verdict.value != null) return;
    this.network.value?.stop();
    this.network.value = null;
  }

  private asWhom(): { device: DeviceId } | { token: string } {
    const step = this.step.value;
    // A link that was used can ask for nothing; the network is tried from the door, if somebody wants to.
    if (step.at !== "room" && this.again) throw new Error("the link was used");
    return step.at === "room" ? { device: step.room.session.device } : { token: this.token ?? "" };
  }

  private async attempt(what: () => Promise<void>): Promise<void> {
    if (this.busy.value) return;
    this.busy.value = true;
    this.problem.value = null;
    try {
      await what();
    } catch (error) {
      const code = error instanceof api.Problem ? error.code : "browser";
      if (CLOSED.test(code)) this.step.value = { at: "trouble", code };
      else if (error instanceof api.Problem && error.fields.some((one) => one.field === "ground_rules")) {
        this.rules.value = null;
        await this.loadRules().catch(() => undefined);
        this.step.value = { at: "rules" };
        this.problem.value = "rules_changed";
      } else this.problem.value = code;
    } finally {
      this.busy.value = false;
    }
  }

  private fail(error: unknown): void {
    const code = error instanceof api.Problem ? error.code : "browser";
    this.step.value = { at: "trouble", code };
  }
}

/** The link won't open this time: no use trying again. */
const CLOSED = /^invitation_|^session_over$|^not_found$/;

/** A visit that a power cut left behind may be taken up again for half a day; then it is forgotten. */
async function forgetLeftBehind(): Promise<void> {
  const old = leftBehind(Date.now() - 12 * 3_600_000);
  for (const device of old) {
    await forget(device).catch(() => undefined);
    await api.forgetDevice(device).catch(() => undefined);
  }
  if (old.length) wipe();
}
