// In which order the ways are tried, and when not.
import { expect, test } from "vitest";
import type { Trial, TrialNeeds, Way } from "../../src/media/trial";
import { NetworkCheck } from "../../src/pages/entry/check/network";

const THROUGH: Trial = { is: "through", roundTrip: 20, loss: 0 };
const RELAY = { urls: ["turn:turn.example"], username: "u", credential: "c" };

function check(results: Partial<Record<Way, Trial>>) {
  const tried: Way[] = [];
  const relays: number[] = [];
  let open = 0;
  const made = new NetworkCheck(
    async () => ({ sdp: "answer", ice_servers: [RELAY] }),
    async (via: Way, needs: TrialNeeds) => {
      open += 1;
      expect(open, "one at a time").toBe(1);
      tried.push(via);
      relays.push(needs.relays.length);
      if (!needs.stop.aborted) await needs.ask("offer", via);
      open -= 1;
      return needs.stop.aborted ? { is: "unasked" } : (results[via] ?? { is: "blocked" });
    },
  );
  return { made, tried, relays };
}

test("a good network is known after one way; the whole page adds the others without repeating it", async () => {
  const { made, tried, relays } = check({ udp: THROUGH, tcp: THROUGH, relay: THROUGH });
  expect(made.verdict.value).toBeNull();
  await made.run(false);
  expect(tried).toEqual(["udp"]);
  expect(made.verdict.value).toBe("good");
  await made.run(true);
  expect(tried).toEqual(["udp", "tcp", "relay"]);
  expect(relays, "the first answer names the relays").toEqual([0, 1, 1]);
  expect(made.running.value).toBeNull();
});

test("where UDP is closed the others are tried, and nothing is said before", async () => {
  const { made, tried } = check({ tcp: THROUGH });
  const run = made.run(false);
  expect(made.verdict.value).toBeNull();
  await run;
  expect(tried).toEqual(["udp", "tcp", "relay"]);
  expect(made.verdict.value).toBe("fair");
});

test("both askers at once share the work", async () => {
  const { made, tried } = check({ udp: THROUGH });
  await Promise.all([made.run(false), made.run(true)]);
  expect(tried).toEqual(["udp", "tcp", "relay"]);
});

test("again tries everything anew", async () => {
  const results: Partial<Record<Way, Trial>> = {};
  const { made, tried } = check(results);
  await made.run(false);
  expect(made.verdict.value).toBe("none");
  results.udp = THROUGH;
  await made.again();
  expect(tried).toEqual(["udp", "tcp", "relay", "udp", "tcp", "relay"]);
  expect(made.verdict.value).toBe("good");
});

test("a call that begins ends it, and nothing is said of it", async () => {
  const { made, tried } = check({});
  const run = made.run(false);
  made.stop();
  await run;
  expect(tried.length).toBeLessThanOrEqual(1);
  expect(made.verdict.value).toBeNull();
});
