// What a page knows of its session, fed by a wire played by hand: views, chat, generations of media.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Session } from "../src/protocol/session";
import type { Wire } from "../src/protocol/socket";

class Fake implements Wire {
  readyState = 1;
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  send() {}
  close() {}
  says(event: unknown) {
    this.onmessage?.({ data: JSON.stringify(event) } as never);
  }
}

const view = (phase: string) => ({ phase, me: { may: ["say"], place: "joint" } });
const line = (text: string) => ({ at: 1, by: "p", text, private: false });
const welcome = (over: object) => ({
  type: "welcome",
  connection: "c",
  resumed: false,
  seq: 0,
  now: Date.now() + 5000,
  view: view("joint"),
  chat: [line("one")],
  media: { audio_slots: 7, video_slots: 8 },
  ...over,
});

let wire: Fake;
let session: Session;
beforeEach(() => {
  vi.useFakeTimers();
  session = new Session("device", () => {
    wire = new Fake();
    return wire;
  });
  session.start();
  wire.onopen?.({} as never);
});
afterEach(() => {
  session.stop();
  vi.useRealTimers();
});

test("a welcome brings the whole view, the chat and the server's time", () => {
  wire.says(welcome({}));
  expect(session.view.value?.phase).toBe("joint");
  expect(session.chat.value.map((one) => one.text)).toEqual(["one"]);
  expect(session.now() - Date.now()).toBe(5000);
  expect(session.may("say")).toBe(true);
  expect(session.may("sign")).toBe(false);
  expect(session.generation.value).toBe(1);
});

test("events replace the view and add to the chat", () => {
  wire.says(welcome({}));
  wire.says({ type: "view", seq: 1, now: Date.now(), view: view("signing") });
  wire.says({ type: "chat", seq: 2, line: line("two") });
  expect(session.view.value?.phase).toBe("signing");
  expect(session.chat.value.map((one) => one.text)).toEqual(["one", "two"]);
});

test("resuming keeps what is known and the media; a clean rejoin replaces both", async () => {
  wire.says(welcome({}));
  wire.says({ type: "chat", seq: 1, line: line("two") });
  wire.onclose?.({} as never);
  await vi.advanceTimersByTimeAsync(300);
  wire.says(welcome({ resumed: true, view: null, chat: [] }));
  expect(session.chat.value).toHaveLength(2);
  expect(session.generation.value).toBe(1);
  wire.onclose?.({} as never);
  await vi.advanceTimersByTimeAsync(300);
  wire.says(welcome({ connection: "d" }));
  expect(session.chat.value).toHaveLength(1);
  expect(session.generation.value).toBe(2);
});

test("being dismissed says why", () => {
  wire.says({ type: "bye", why: "superseded", again: false });
  expect(session.link.value).toBe("over");
  expect(session.over.value).toBe("superseded");
});

test("lines and echoes are kept until the session begins anew", async () => {
  wire.says(welcome({}));
  const poor = { grade: "poor", reason: "loss", video: "off" };
  wire.says({ type: "line", quality: poor, of: null });
  wire.says({ type: "line", quality: poor, of: "p-1" });
  wire.says({ type: "echo", of: "p-1" });
  expect(session.line.value).toEqual(poor);
  expect(session.lines.value.get("p-1")).toEqual(poor);
  expect(session.echo.value?.of).toBe("p-1");
  wire.onclose?.({} as never);
  await vi.advanceTimersByTimeAsync(300);
  wire.says(welcome({ connection: "d" }));
  expect(session.line.value).toBe(null);
  expect(session.lines.value.size).toBe(0);
});
