// Everything a mediator can do in the room, once: the command palette lists it, single keys call it, the
// help shows it. An action is there only while the server would accept it (`me.may`).
import { t } from "../../i18n";
import type { View } from "../../protocol/types";
import type { IconName } from "../../ui/Icon";
import type { Desk } from "./desk";

export interface Action {
  id: string;
  label: string;
  icon: IconName;
  /** The single key, if it is frequent. */
  key?: string;
  run: () => void;
}

export function actions(desk: Desk): Action[] {
  const view = desk.room.view.value;
  if (!view) return [];
  return [...own(desk), ...door(desk, view), ...rooms(desk, view), ...draft(desk, view), ...places(desk)];
}

function own(desk: Desk): Action[] {
  const { room } = desk;
  const { capture, session } = room;
  const silent = capture.muted.value || capture.audio.value === null;
  const dark = capture.video.value === null;
  const made: Action[] = [];
  if (session.may("mute")) {
    made.push({
      id: "mute",
      key: "m",
      icon: silent ? "mic-off" : "mic",
      label: t(silent ? "desk-do-unmute" : "desk-do-mute"),
      run: () => (capture.audio.value ? room.toggleMute() : void capture.startAudio()),
    });
  }
  if (session.may("camera")) {
    made.push({
      id: "camera",
      key: "v",
      icon: dark ? "camera-off" : "camera",
      label: t(dark ? "desk-do-camera-on" : "desk-do-camera-off"),
      run: () => void room.toggleCamera(),
    });
  }
  if (session.may("share_screen")) {
    const sharing = room.self?.screen ?? false;
    made.push({
      id: "share",
      key: "s",
      icon: "screen",
      label: t(sharing ? "desk-do-unshare" : "desk-do-share"),
      run: () => void share(desk, !sharing),
    });
  }
  return made;
}

/** Captures first: the browser asks, and only a captured screen is announced. */
export async function share(desk: Desk, on: boolean): Promise<void> {
  const { room } = desk;
  if (on && !(await room.capture.startScreen())) return;
  const answer = await room.send({ do: "share_screen", on });
  if (!on || !answer) room.capture.stopScreen();
}

function door(desk: Desk, view: View): Action[] {
  const { room } = desk;
  const made: Action[] = [];
  const first = view.door.find((knock) => knock.here) ?? view.door[0];
  if (first && room.session.may("admit")) {
    made.push({
      id: "admit",
      key: "a",
      icon: "check",
      label: t("desk-do-admit", { name: first.name }),
      run: admitFirst,
    });
  }
  if (room.session.may("invite")) {
    made.push({
      id: "invite",
      key: "i",
      icon: "plus",
      label: t("desk-do-invite"),
      run: () => desk.begin({ is: "invite" }),
    });
  }
  if (room.session.may("lock")) {
    made.push({
      id: "lock",
      key: "l",
      icon: view.locked ? "unlock" : "lock",
      label: t(view.locked ? "desk-do-unlock" : "desk-do-lock"),
      run: () => void room.send({ do: "lock", locked: !view.locked }),
    });
  }
  return made;
}

/** Presses the first waiting person's button, with the identity check chosen beside it. */
function admitFirst(): void {
  const first = '[data-door] [data-here="true"] [data-admit], [data-door] [data-admit]';
  document.querySelector<HTMLElement>(first)?.click();
}

function rooms(desk: Desk, view: View): Action[] {
  const { room } = desk;
  const made: Action[] = [];
  if (room.session.may("caucus")) {
    made.push({
      id: "caucus",
      key: "c",
      icon: "people",
      label: t("desk-do-caucus"),
      run: () => desk.begin({ is: "caucus", chosen: [] }),
    });
    for (const person of view.people) {
      if (person.role !== "consumer" && person.role !== "merchant") continue;
      made.push({
        id: `caucus-${person.person}`,
        icon: "people",
        label: t("desk-do-caucus-with", { name: person.name }),
        run: () => void room.send({ do: "caucus", with: [person.person] }),
      });
    }
  }
  if (room.session.may("return_joint")) {
    made.push({
      id: "return",
      key: "r",
      icon: "back",
      label: t("desk-do-return"),
      run: () => void room.send({ do: "return_joint" }),
    });
  }
  if (room.session.may("adjourn")) {
    made.push({
      id: "adjourn",
      icon: "clock",
      label: t("desk-do-adjourn"),
      run: () => desk.begin({ is: "adjourn" }),
    });
  }
  if (room.session.may("terminate")) {
    made.push({
      id: "terminate",
      icon: "leave",
      label: t("desk-do-terminate"),
      run: () => desk.begin({ is: "terminate" }),
    });
  }
  return made;
}

function draft(desk: Desk, view: View): Action[] {
  const { room } = desk;
  const made: Action[] = [];
  if (room.session.may("draft_open")) {
    made.push({
      id: "draft-open",
      key: "t",
      icon: "letter",
      label: t("desk-do-draft"),
      run: () => void openDraft(desk),
    });
  }
  if (room.session.may("draft_propose")) {
    made.push({
      id: "propose",
      key: "p",
      icon: "send",
      label: t("desk-do-propose"),
      run: () => void propose(desk),
    });
  }
  if (room.session.may("draft_close")) {
    made.push({
      id: "draft-close",
      icon: "back",
      label: t("desk-do-draft-close"),
      run: () => void closeDraft(desk),
    });
  }
  const newest = view.draft?.versions[view.draft.versions.length - 1];
  if (newest && room.session.may("signing_open")) {
    made.push({
      id: "signing",
      icon: "edit",
      label: t("desk-do-sign", { version: newest.version }),
      run: () => void room.send({ do: "signing_open", version: newest.version }),
    });
  }
  return made;
}

export async function openDraft(desk: Desk): Promise<void> {
  desk.show("terms");
  const answer = await desk.room.send({ do: "draft_open" });
  if (answer && desk.editor.rows.value.length === 0) desk.editor.add();
}

async function closeDraft(desk: Desk): Promise<void> {
  await desk.editor.flush();
  await desk.room.send({ do: "draft_close" });
}

/** Puts what is typed to the parties, once they see it. */
export async function propose(desk: Desk): Promise<void> {
  desk.show("terms");
  if (!(await desk.editor.flush())) return;
  const rev = desk.room.view.value?.draft?.rev;
  if (rev !== undefined) await desk.room.send({ do: "draft_propose", rev });
}

function places(desk: Desk): Action[] {
  const tab = (id: Desk["tab"]["value"], key: string, icon: IconName, label: string): Action => ({
    id: `tab-${id}`,
    key,
    icon,
    label,
    run: () => desk.show(id),
  });
  return [
    tab("facts", "1", "folder", t("desk-tab-facts")),
    tab("terms", "2", "letter", t("desk-tab-terms")),
    tab("documents", "3", "photo", t("desk-tab-documents")),
    tab("chat", "4", "chat", t("desk-tab-chat")),
    tab("journal", "5", "menu", t("desk-tab-journal")),
    {
      id: "help",
      key: "?",
      icon: "info",
      label: t("desk-do-help"),
      run: () => {
        desk.help.value = !desk.help.value;
      },
    },
  ];
}

/** The actions whose label has all the words typed, best first. */
export function matching(all: Action[], typed: string): Action[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter((action) => {
    const label = `${action.label} ${action.id}`.toLowerCase();
    return words.every((word) => label.includes(word));
  });
}
