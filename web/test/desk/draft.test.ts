// The draft as typed: what can be sent, what is kept, what happens when the server has moved on.

import { signal } from "@preact/signals";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { faultOf, newRow, type Row, rowOf, sameTerms, termOf, termsOf } from "../../src/desk/room/draft";
import { Editor } from "../../src/desk/room/editor";
import type { Session } from "../../src/protocol/session";
import { Closed, Refused } from "../../src/protocol/socket";
import type { Command, Term, View } from "../../src/protocol/types";

const TODAY = "2026-11-24";
const REFUND: Term = { kind: "refund", by: "merchant", amount_fen: 128050, due: "2026-12-05", text: "原路" };

describe("a row", () => {
  test("comes back as the term it was made of", () => {
    expect(termOf(rowOf(REFUND))).toEqual(REFUND);
    expect(rowOf(REFUND).amount).toBe("1280.50");
  });

  test.each<[string, Partial<Row>, string | null]>([
    ["a refund without an amount", {}, "amount"],
    ["an amount that is none", { amount: "12x" }, "amount"],
    ["an amount", { amount: "¥1,280" }, null],
    ["a return without an amount", { kind: "return" }, null],
    ["a day that has passed", { kind: "return", due: "2026-11-23" }, "past"],
    ["today", { kind: "return", due: TODAY }, null],
    ["other without words", { kind: "free_text" }, "text"],
    ["other with words", { kind: "free_text", text: "x" }, null],
  ])("%s", (_name, part, fault) => {
    expect(faultOf({ ...newRow(), ...part }, TODAY)).toBe(fault);
  });

  test("that is not complete is not sent", () => {
    expect(termsOf([rowOf(REFUND), newRow()], TODAY)).toEqual([REFUND]);
  });
});

describe("the editor", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.parse("2026-11-24T04:00:00Z") });
    const kept = new Map<string, string>();
    vi.stubGlobal("sessionStorage", {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
      removeItem: (key: string) => kept.delete(key),
    });
  });

  /** A server that keeps a draft; `refuse` answers the next edit instead. */
  function server(terms: Term[] = []) {
    const view = signal({ draft: { rev: 1, terms } } as unknown as View);
    const sent: Command[] = [];
    const wire = { refuse: null as Error | null };
    const move = (to: Term[]) => {
      const rev = (view.value.draft?.rev ?? 0) + 1;
      view.value = { draft: { rev, terms: to } } as unknown as View;
    };
    const session = {
      device: "dev_1",
      view,
      now: () => Date.now(),
      may: () => true,
      command: async (command: Command) => {
        sent.push(command);
        const { refuse } = wire;
        wire.refuse = null;
        if (refuse) throw refuse;
        if (command.do === "draft_edit") move(command.terms);
        return { is: "done" };
      },
    } as unknown as Session;
    return { session, sent, wire, move };
  }

  test("sends what was typed once, after the last key", async () => {
    const { session, sent } = server();
    const editor = new Editor(session);
    const row = rowOf(REFUND);
    editor.add({ ...row, amount: "1" });
    await vi.advanceTimersByTimeAsync(200);
    editor.change(row.id, { amount: "1280.50" });
    expect(editor.state.value).toBe("typing");
    await vi.advanceTimersByTimeAsync(500);
    expect(sent).toEqual([{ do: "draft_edit", rev: 1, terms: [REFUND] }]);
    expect(editor.state.value).toBe("saved");
  });

  test("puts it on top of a newer revision", async () => {
    const { session, sent, wire, move } = server();
    const editor = new Editor(session);
    editor.add(rowOf(REFUND));
    move([]);
    wire.refuse = new Refused("stale", "");
    expect(await editor.flush()).toBe(true);
    expect(sent).toHaveLength(2);
  });

  test("keeps what could not be sent, over a reload too", async () => {
    const { session, wire } = server();
    const editor = new Editor(session);
    editor.add(rowOf(REFUND));
    wire.refuse = new Closed("gone");
    expect(await editor.flush()).toBe(false);
    expect(editor.state.value).toBe("failed");
    editor.close();
    const again = new Editor(session);
    expect(again.rows.value.map(termOf)).toEqual([REFUND]);
    expect(again.state.value).toBe("typing");
    expect(await again.flush()).toBe(true);
  });

  test("takes over a draft changed elsewhere, but never over what is unsent", async () => {
    const { session, move } = server([REFUND]);
    const editor = new Editor(session);
    expect(editor.rows.value.map(termOf)).toEqual([REFUND]);
    const other: Term = { ...REFUND, amount_fen: 100 };
    move([other]);
    expect(sameTerms(editor.rows.value.map(termOf), [other])).toBe(true);
    const [row] = editor.rows.value;
    editor.change(row?.id ?? 0, { text: "mine" });
    move([REFUND]);
    expect(editor.rows.value[0]?.text).toBe("mine");
  });

  test("keeps a row that is not complete while the others are seen", async () => {
    const { session, sent } = server();
    const editor = new Editor(session);
    editor.add(rowOf(REFUND));
    editor.add(newRow());
    expect(await editor.flush()).toBe(true);
    expect(sent).toEqual([{ do: "draft_edit", rev: 1, terms: [REFUND] }]);
    expect(editor.rows.value).toHaveLength(2);
  });
});
