// The new case as typed, and the procedure's clock.
import { describe, expect, test } from "vitest";
import { empty, type Form, faults, fieldOf, record } from "../../src/desk/cases/form";
import { closed, procedureClock } from "../../src/desk/cases/words";
import type { ComplaintRecord } from "../../src/desk/rest";
import { matching } from "../../src/desk/room/actions";

const form = (texts: Form["texts"]): Form => ({ ...empty(), texts });

describe("a new case", () => {
  test("is sent without what was left empty", () => {
    const made = record(
      form({
        "item.category": " 电水壶 ",
        amount_fen: "¥1,280.50",
        requests: "退款\n\n 道歉 ",
        order_number: " ",
      }),
    );
    expect(made).toEqual({
      item: { category: "电水壶" },
      amount_fen: 128050,
      requests: ["退款", "道歉"],
      consumer: { publication_consent: false, entrustment_consent: false },
    });
  });

  test("names the kind of a document number", () => {
    const made = record(form({ "consumer.id_number": "11010519491231002X" }));
    expect(made.consumer).toMatchObject({ id_type: "resident_id" });
  });

  test("says what is missing before asking the server", () => {
    expect(faults(form({ amount_fen: "viel", purchased_on: "2027-01-01" }), "2026-11-24")).toMatchObject({
      "consumer.name": "required",
      requests: "required",
      amount_fen: "amount",
      purchased_on: "in_the_future",
    });
  });

  test.each([
    ["record.consumer.phone", "consumer.phone"],
    ["record.requests.2", "requests"],
    ["record.consumer.id_type", "consumer.id_number"],
    ["number", "number"],
  ])("the server's %s is the field %s", (path, field) => expect(fieldOf(path)).toBe(field));
});

test("a case is closed by an agreement or by a ground, not by a pause", () => {
  const states = ["registered", "mediating", "adjourned", "agreed", "not_agreed"] as const;
  expect(states.filter(closed)).toEqual(["agreed", "not_agreed"]);
});

describe("the procedure's clock", () => {
  const at = (day: string) => Date.parse(`${day}T04:00:00Z`);
  const of = (registered_on: string | null) => ({ registered_on }) as ComplaintRecord;

  test("presses in the last week and says when it has passed", () => {
    // DOMAIN: sixty days from 2026-08-04 end on 2026-10-03.
    expect(procedureClock(of("2026-08-04"), at("2026-08-04"))?.pressing).toBe(false);
    expect(procedureClock(of("2026-08-04"), at("2026-09-26"))?.pressing).toBe(true);
    expect(procedureClock(of("2026-08-04"), at("2026-10-04"))?.text).toBe("desk-deadline-passed");
    expect(procedureClock(of(null), at("2026-10-04"))).toBeNull();
  });
});

describe("the palette", () => {
  const action = (id: string, label: string) => ({ id, label, icon: "mic" as const, run: () => undefined });
  const all = [action("mute", "Mute my microphone"), action("caucus-p1", "Take Ms Li aside")];

  test("finds by every word, in any order, by label or id", () => {
    expect(matching(all, "aside li").map(({ id }) => id)).toEqual(["caucus-p1"]);
    expect(matching(all, "MUTE")).toHaveLength(1);
    expect(matching(all, "")).toHaveLength(2);
    expect(matching(all, "nothing")).toHaveLength(0);
  });
});
