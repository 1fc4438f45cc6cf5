// Three people behind firewalls that let nothing through but the relay: all their sound and pictures go
// over a real coturn, and they hear and see each other.
import { expect, type Page, test } from "@playwright/test";
import { Coturn } from "./support/coturn";
import * as desk from "./support/desk";
import { CASE } from "./support/desk";
import { arrive, join } from "./support/party";
import { DESK, Person, PHONE, STATION } from "./support/person";
import { hears, receivesOnly, sees } from "./support/senses";
import { Server } from "./support/server";

let coturn: Coturn;
let server: Server;
let mediator: Person;
let consumer: Person;
let merchant: Person;

test.beforeAll(async () => {
  coturn = await Coturn.start();
  server = await Server.start("serve", coturn.toml);
  server.run(["staff", "add", desk.STAFF.name, "--display-name", desk.STAFF.display], desk.STAFF.password);
  await server.up();
  [mediator, consumer, merchant] = await Promise.all([
    Person.at({ fake: "mediator", size: DESK }),
    Person.at({ fake: "consumer", size: PHONE, touch: true }),
    Person.at({ fake: "merchant", size: STATION, touch: true }),
  ]);
  for (const one of [mediator, consumer, merchant]) {
    await one.context.addInitScript(() => {
      try {
        localStorage.setItem("hejieRelay", "1");
      } catch {
        // A page without storage, such as about:blank.
      }
    });
  }
});

test.afterAll(async () => {
  await Promise.allSettled([mediator?.close(), consumer?.close(), merchant?.close()]);
  await server?.stop();
  coturn?.stop();
});

test("who reaches only the relay sees and hears the others through it", async () => {
  await desk.signIn(mediator.page, server.base);
  await desk.newCase(mediator.page);
  await desk.openRoom(mediator.page);
  for (const [person, role] of [
    [consumer, "consumer"],
    [merchant, "merchant"],
  ] as const) {
    const link = await desk.invite(mediator.page, role);
    await desk.closeLink(mediator.page);
    await arrive(person.page, link, CASE[role]);
    await join(person.page);
  }
  await desk.admit(mediator.page, CASE.consumer, "电话和案情已核对");
  await desk.admit(mediator.page, CASE.merchant, "站点工作人员已确认");
  for (const { page } of [mediator, consumer, merchant]) {
    await page.waitForFunction("globalThis.hejieDebug");
    await receivesOnly(page, [0, 1]);
    expect(await ways(page)).toEqual(["relay"]);
  }
  await hears(consumer.page, 0, "mediator");
  await hears(merchant.page, 1, "consumer");
  await hears(mediator.page, 1, "merchant");
  await sees(consumer.page, CASE.merchant, "merchant");
  await sees(merchant.page, desk.STAFF.display, "mediator");
  await sees(mediator.page, CASE.consumer, "consumer");
  for (const one of [mediator, consumer, merchant]) one.content();
});

/** The kinds of this browser's own candidates in the pairs that carry the call. */
function ways(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { pc } = (globalThis as unknown as { hejieDebug: { pc: RTCPeerConnection } }).hejieDebug;
    const stats = await pc.getStats();
    const kinds: string[] = [];
    for (const one of stats.values()) {
      if (one.type !== "transport" || !one.selectedCandidatePairId) continue;
      const pair = stats.get(one.selectedCandidatePairId);
      kinds.push(stats.get(pair.localCandidateId).candidateType);
    }
    return kinds;
  });
}
