// The mediator's room as one object: the shared room of every surface, the draft's editor, the links
// made in this page, and what stands open on the right.
import { type Signal, signal } from "@preact/signals";
import { Problem } from "../../protocol/api";
import type { DeviceId, InvitationId, Language, PersonId } from "../../protocol/types";
import type { Room } from "../../room/room";
import { type Complaint, complaint } from "../rest";
import { Editor } from "./editor";

export const TABS = ["facts", "terms", "documents", "chat", "journal"] as const;
export type Tab = (typeof TABS)[number];

/** Something to do that needs a few words or a choice; it stands above the tabs and hides no face. */
export type Task =
  | { is: "invite" }
  | { is: "link"; link: Link }
  | { is: "caucus"; chosen: PersonId[] }
  | { is: "refuse"; device: string; name: string }
  | { is: "remove"; person: PersonId; name: string }
  | { is: "adjourn" }
  | { is: "terminate" };

/** A link is told once, by the answer that made it; this page remembers it while it is open. */
export interface Link {
  invitation: InvitationId;
  url: string;
  expires_at: number;
  name: string;
  language: Language;
}

export class Desk {
  readonly tab: Signal<Tab> = signal("facts");
  readonly task: Signal<Task | null> = signal(null);
  readonly palette: Signal<boolean> = signal(false);
  readonly help: Signal<boolean> = signal(false);
  /** Narrow screens show one side at a time. */
  readonly side: Signal<"people" | "room" | "case"> = signal("room");
  /** Survive a reload of this tab, not its closing. */
  readonly links: Signal<Link[]>;
  readonly record: Signal<Complaint | "failed" | null> = signal(null);
  readonly editor: Editor;
  private asked = "";

  constructor(readonly room: Room) {
    this.editor = new Editor(room.session);
    this.links = signal(keptLinks(room.session.device));
  }

  keepLink(link: Link): void {
    this.links.value = [...this.links.value, link];
    try {
      sessionStorage.setItem(linksKey(this.room.session.device), JSON.stringify(this.links.value));
    } catch {
      // Then they last as long as the page.
    }
  }

  /** Shows a tab, and on a narrow screen the side it is on. */
  show(tab: Tab): void {
    this.tab.value = tab;
    this.task.value = null;
    this.side.value = "case";
  }

  begin(task: Task): void {
    this.task.value = task;
    this.palette.value = false;
    this.help.value = false;
    this.side.value = "case";
  }

  /** Loads the complaint record once; it says what the session is about and how long there is. */
  async load(): Promise<void> {
    const id = this.room.view.value?.complaint;
    if (!id || this.asked === id) return;
    this.asked = id;
    try {
      this.record.value = await complaint(id);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.asked = "";
      this.record.value = "failed";
    }
  }

  close(): void {
    this.editor.close();
    this.room.close();
  }
}

const linksKey = (device: DeviceId) => `hejie.desk.links.${device}`;

function keptLinks(device: DeviceId): Link[] {
  try {
    return (JSON.parse(sessionStorage.getItem(linksKey(device)) ?? "[]") ?? []) as Link[];
  } catch {
    return [];
  }
}
