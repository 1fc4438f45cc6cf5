// The socket against a server played by hand: hello and resume, commands until answered, gaps, byes.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Event } from "../src/protocol/socket";
import { Closed, type Link, Refused, Socket, type Wire } from "../src/protocol/socket";
import type { FromClient } from "../src/protocol/types";

class Fake implements Wire {
  readyState = 0;
  sent: FromClient[] = [];
  closed = false;
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
    this.readyState = 3;
  }
  opens() {
    this.readyState = 1;
    this.onopen?.({} as never);
  }
  says(event: unknown) {
    this.onmessage?.({ data: JSON.stringify(event) } as never);
  }
  breaks() {
    this.readyState = 3;
    this.onclose?.({} as never);
  }
}

const welcome = (over: Partial<Event & { type: "welcome" }> = {}) => ({
  type: "welcome",
  connection: "c1",
  resumed: false,
  seq: 3,
  now: 0,
  view: null,
  chat: [],
  media: { audio_slots: 7, video_slots: 8 },
  ...over,
});
const chat = (seq: number) => ({
  type: "chat",
  seq,
  line: { at: 0, by: "p", text: String(seq), private: false },
});

let wires: Fake[];
let events: Event[];
let links: Link[];
let known: boolean;
let socket: Socket;
const last = () => wires[wires.length - 1] as Fake;
const live = (over = {}) => {
  last().opens();
  last().says(welcome(over));
};

beforeEach(() => {
  vi.useFakeTimers();
  wires = [];
  events = [];
  links = [];
  known = true;
  socket = new Socket({
    open: () => {
      wires.push(new Fake());
      return last();
    },
    onEvent: (event) => events.push(event),
    onLink: (link) => links.push(link),
    known: async () => known,
    random: () => 0.5,
  });
  socket.start();
});
afterEach(() => vi.useRealTimers());

test("says hello first and is live once welcomed", () => {
  last().opens();
  expect(last().sent).toEqual([{ type: "hello", resume: null }]);
  expect(links).toEqual([]);
  last().says(welcome());
  expect(links).toEqual(["live"]);
});

test("a broken connection resumes after the last event it saw", async () => {
  live();
  last().says(chat(4));
  last().breaks();
  expect(links).toEqual(["live", "broken"]);
  await vi.advanceTimersByTimeAsync(200);
  expect(wires).toHaveLength(2);
  last().opens();
  expect(last().sent).toEqual([{ type: "hello", resume: { connection: "c1", seq: 4 } }]);
  last().says(welcome({ connection: "c2", resumed: true, seq: 5 }));
  last().says(chat(5));
  expect(events.filter((event) => event.type === "chat")).toHaveLength(2);
});

test("a command is sent again after a break and answered once", async () => {
  const done = socket.command({ do: "say", text: "hello" });
  live();
  const first = last().sent[1];
  expect(first).toMatchObject({ type: "command", command: { do: "say", text: "hello" } });
  last().breaks();
  await vi.advanceTimersByTimeAsync(200);
  live({ resumed: true });
  expect(last().sent[1]).toEqual(first);
  const id = (first as { id: string }).id;
  last().says({ type: "reply", id, result: { is: "done" } });
  last().says({ type: "reply", id, result: { is: "done" } });
  await expect(done).resolves.toEqual({ is: "done" });
});

test("a refusal rejects with its reason", async () => {
  live();
  const refused = socket.command({ do: "leave" });
  const { id } = last().sent[1] as { id: string };
  last().says({ type: "reply", id, result: { is: "refused", error: "not_now", detail: "d" } });
  await expect(refused).rejects.toMatchObject({ error: "not_now", message: "d" });
  await expect(refused).rejects.toBeInstanceOf(Refused);
});

test("a repeated event is heard once; a gap begins a new connection", async () => {
  live();
  last().says(chat(4));
  last().says(chat(4));
  expect(events.filter((event) => event.type === "chat")).toHaveLength(1);
  last().says(chat(6));
  expect(last().closed).toBe(true);
  expect(links).toEqual(["live", "broken"]);
  await vi.advanceTimersByTimeAsync(200);
  last().opens();
  expect(last().sent[0]).toEqual({ type: "hello", resume: { connection: "c1", seq: 4 } });
});

test("an offer does not outlive its connection", async () => {
  live();
  const offer = socket.offer("v=0");
  last().breaks();
  await expect(offer).rejects.toBeInstanceOf(Closed);
  await vi.advanceTimersByTimeAsync(200);
  live();
  expect(last().sent).toHaveLength(1);
});

test("a bye without return ends it, and what waits is told", async () => {
  live();
  const waiting = socket.command({ do: "leave" });
  last().says({ type: "bye", why: "out", again: false });
  expect(links).toEqual(["live", "over"]);
  await expect(waiting).rejects.toBeInstanceOf(Closed);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(wires).toHaveLength(1);
});

test("a bye with return reconnects", async () => {
  live();
  last().says({ type: "bye", why: "restarting", again: true });
  await vi.advanceTimersByTimeAsync(200);
  expect(wires).toHaveLength(2);
});

test("a silent server is given up, a pinged one is not", async () => {
  live();
  for (let i = 0; i < 6; i++) {
    await vi.advanceTimersByTimeAsync(10_000);
    last().says({ type: "pong", now: 0 });
  }
  expect(wires).toHaveLength(1);
  expect(last().sent.filter((frame) => frame.type === "ping").length).toBeGreaterThan(4);
  await vi.advanceTimersByTimeAsync(31_000);
  expect(wires.length).toBeGreaterThan(1);
});

test("a server that no longer knows the device is not asked for ever", async () => {
  known = false;
  for (let i = 0; i < 3; i++) {
    last().breaks();
    await vi.advanceTimersByTimeAsync(3000);
  }
  expect(links).toEqual(["over"]);
  expect(wires).toHaveLength(3);
});

test("waits grow to three seconds at most", async () => {
  for (let i = 0; i < 8; i++) {
    last().breaks();
    await vi.advanceTimersByTimeAsync(3000);
    expect(wires).toHaveLength(i + 2);
  }
});

test("after a nudge a wire that stays silent is replaced soon; one that answers stays", async () => {
  last().opens();
  last().says(welcome());
  await vi.advanceTimersByTimeAsync(1000);
  socket.nudge();
  last().says({ type: "pong", now: 0 });
  await vi.advanceTimersByTimeAsync(4500);
  expect(wires).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(100);
  socket.nudge();
  await vi.advanceTimersByTimeAsync(4000);
  expect(wires[0]?.closed).toBe(true);
  expect(links.at(-1)).toBe("broken");
});

test("a restart says so; what is shown is told only while live; hints are handed on", async () => {
  socket.show([[0, 240]]);
  last().opens();
  last().says(welcome());
  void socket.offer("sdp", true);
  socket.show([[0, 480]]);
  const [, offer, show] = last().sent;
  expect(offer).toMatchObject({ type: "offer", sdp: "sdp", restart: true });
  expect(show).toEqual({ type: "show", slots: [[0, 480]] });
  last().says({ type: "line", quality: { grade: "poor", reason: "loss", video: "off" }, of: null });
  expect(events.at(-1)).toMatchObject({ type: "line" });
});
