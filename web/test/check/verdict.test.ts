// What somebody is told of their network.
import { expect, test } from "vitest";
import type { Trial } from "../../src/media/trial";
import { type Trials, type Verdict, verdict, worthTrying } from "../../src/pages/entry/check/verdict";

const through = (roundTrip: number | null, loss: number | null): Trial => ({
  is: "through",
  roundTrip,
  loss,
});
const [blocked, absent, unasked]: Trial[] = [{ is: "blocked" }, { is: "absent" }, { is: "unasked" }];

test.each<[string, Trials, Verdict]>([
  ["a quick, clean line", { udp: through(40, 0) }, "good"],
  ["at its bounds", { udp: through(300, 0.03) }, "good"],
  ["numbers that could not be had", { udp: through(null, null) }, "good"],
  ["some loss", { udp: through(40, 0.06) }, "fair"],
  ["a long way", { udp: through(500, 0) }, "fair"],
  ["much loss", { udp: through(40, 0.2) }, "sound"],
  ["a satellite with a queue", { udp: through(1500, 0) }, "sound"],
  ["half of it lost", { udp: through(40, 0.5) }, "none"],
  ["TCP alone is never good", { udp: blocked, tcp: through(20, 0) }, "fair"],
  ["a slow TCP", { udp: blocked, tcp: through(900, 0) }, "sound"],
  ["a relay is as good as it is", { udp: blocked, tcp: absent, relay: through(60, 0) }, "good"],
  [
    "TCP goes before the relay, as in a call",
    { udp: blocked, tcp: through(900, 0), relay: through(9, 0) },
    "sound",
  ],
  ["nothing came through", { udp: blocked, tcp: blocked, relay: blocked }, "none"],
  ["nothing came through what there is", { udp: blocked, tcp: absent, relay: absent }, "none"],
  ["the server could not be asked", { udp: unasked, tcp: unasked, relay: absent }, "unknown"],
  ["half asked", { udp: blocked, tcp: unasked, relay: absent }, "unknown"],
  ["nothing was tried", {}, "unknown"],
])("%s", (_what, trials, expected) => expect(verdict(trials)).toBe(expected));

test("more loss or a longer way never makes it better", () => {
  const rank = ["good", "fair", "sound", "none"];
  const losses = [0, 0.02, 0.05, 0.15, 0.3, 0.6];
  const delays = [10, 250, 400, 900, 4000];
  for (const way of ["udp", "tcp", "relay"] as const)
    for (const [i, loss] of losses.entries())
      for (const [j, delay] of delays.entries()) {
        const at = (l = 0, d = 0) => rank.indexOf(verdict({ [way]: through(d, l) }));
        expect(at(loss, delay)).toBeGreaterThanOrEqual(0);
        expect(at(losses[i + 1] ?? loss, delays[j + 1] ?? delay)).toBeGreaterThanOrEqual(at(loss, delay));
      }
});

test("the other ways are tried where the first fails, or when all are asked for", () => {
  expect(worthTrying("udp", {}, false)).toBe(true);
  expect(worthTrying("tcp", { udp: through(9, 0) }, false)).toBe(false);
  expect(worthTrying("tcp", { udp: through(9, 0) }, true)).toBe(true);
  expect(worthTrying("relay", { udp: blocked, tcp: through(9, 0) }, false)).toBe(true);
});
