// What a newcomer does: `hejie demo`, and its three links opened side by side as tabs of one browser.
// Cookies and keys are each tab's own, so all three stay who they are, over reloads too.
import { expect, test } from "@playwright/test";
import * as desk from "./support/desk";
import { arrive, join } from "./support/party";
import { DESK, Person } from "./support/person";
import { received } from "./support/senses";
import { Server } from "./support/server";

let server: Server;
let person: Person;

test.beforeAll(async () => {
  server = await Server.start("demo");
  await server.up();
  person = await Person.at({ fake: "mediator", size: DESK });
});

test.afterAll(async () => {
  await Promise.allSettled([person?.close()]);
  await server?.stop();
});

test("the sample's three links work side by side as tabs of one browser", async () => {
  const link = (who: string) => {
    const found = new RegExp(`^\\s*${who}\\s+(http\\S+)`, "m").exec(server.said)?.[1];
    if (!found) throw new Error(`no link for the ${who} in:\n${server.said}`);
    return found;
  };
  await expect.poll(() => server.said).toContain("verify");
  const mediator = person.page;
  const consumer = await person.tab();
  const merchant = await person.tab();
  await mediator.goto(link("mediator"));
  await mediator
    .getByRole("link", { name: /洗衣机/ })
    .first()
    .click();
  await mediator.getByRole("button", { name: "进入会场" }).click();
  await expect(mediator.getByRole("complementary", { name: "参加的人" })).toBeVisible();
  await consumer.bringToFront();
  await arrive(consumer, link("consumer"), "王小明（示例）");
  await join(consumer);
  await merchant.bringToFront();
  await arrive(merchant, link("merchant"), "示例家电商场");
  await join(merchant);
  await mediator.bringToFront();
  await desk.admit(mediator, "王小明（示例）", "已看过证件");
  await desk.admit(mediator, "示例家电商场", "站点工作人员已确认");
  for (const page of [mediator, consumer, merchant]) {
    await page.bringToFront();
    await page.waitForFunction("globalThis.hejieDebug");
    const coming = async () => {
      const { audio, video } = await received(page);
      return [0, 1].every((slot) => (audio[slot]?.packets ?? 0) > 10 && (video[slot]?.frames ?? 0) > 5);
    };
    await expect.poll(coming, { timeout: 30_000, message: "sound and pictures of both others" }).toBe(true);
  }

  await consumer.bringToFront();
  await consumer.reload();
  await expect(consumer.getByRole("button", { name: "离开" })).toBeVisible();
  await consumer.getByRole("button", { name: "更多" }).click();
  await expect(consumer.getByRole("listitem").filter({ hasText: /王小明（示例）.*您/ })).toBeVisible();
  await mediator.bringToFront();
  await mediator.reload();
  await expect(mediator.getByRole("button", { name: /^李调解员（示例）.*您/ })).toBeVisible();
  person.content();
});
