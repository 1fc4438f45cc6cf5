// The product's main job, whole: a case, three people at three browsers who see and hear each other, a
// private talk that nobody else can receive, terms, three signatures, and an outcome that anybody can
// check. The chapters follow on each other; each begins where the last ended.

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join as at } from "node:path";
import { expect, test } from "@playwright/test";
import * as desk from "./support/desk";
import { CASE } from "./support/desk";
import { arrive, join } from "./support/party";
import { choose, DESK, faulty, look, Person, PHONE, picture, STATION } from "./support/person";
import { during, hears, received, receivesOnly, sees } from "./support/senses";
import { HEJIE, Server } from "./support/server";
import { Cable } from "./support/wire";

test.describe.configure({ mode: "serial" });

let server: Server;
/** The consumer's connection to the server. */
let cable: Cable;
let mediator: Person;
let consumer: Person;
let merchant: Person;
let links: { consumer: string; merchant: string };

test.beforeAll(async () => {
  server = await Server.start();
  server.run(["staff", "add", desk.STAFF.name, "--display-name", desk.STAFF.display], desk.STAFF.password);
  await server.up();
  cable = await Cable.to(server.port);
  [mediator, consumer, merchant] = await Promise.all([
    Person.at({ fake: "mediator", size: DESK }),
    Person.at({ fake: "consumer", size: PHONE, touch: true }),
    Person.at({ fake: "merchant", size: STATION, touch: true }),
  ]);
});

test.afterAll(async () => {
  await Promise.allSettled([mediator?.close(), consumer?.close(), merchant?.close()]);
  cable?.close();
  await server?.stop();
});

test("the mediator signs in, registers the case and opens a room", async () => {
  const { page } = mediator;
  await page.goto(`${server.base}/desk`);
  await expect(page.getByLabel("用户名")).toBeVisible();
  await look(page, "desk-1-sign-in");
  await desk.signIn(page, server.base);
  await look(page, "desk-2-cases");
  await desk.newCase(page);
  await look(page, "desk-3-case");
  await desk.openRoom(page);
  await look(page, "desk-4-room-alone");
});

test("both are invited by links that the page shows", async () => {
  const { page } = mediator;
  links = {
    consumer: (await desk.invite(page, "consumer")).replace(`:${server.port}/`, `:${cable.port}/`),
    merchant: await desk.invite(page, "merchant"),
  };
  await look(page, "desk-5-invite");
  await desk.closeLink(page);
  expect(links.consumer).toMatch(/\/j#/);
  expect(links.merchant).toMatch(/\/station#/);
});

test("the consumer comes by phone, the merchant at the station, as far as the door", async () => {
  await arrive(consumer.page, links.consumer, CASE.consumer, "phone");
  await join(consumer.page, "phone");
  const { page } = merchant;
  await page.goto(`${server.base}/station`);
  await expect(page.getByRole("heading", { name: "在这里参加视频调解" })).toBeVisible();
  await look(page, "station-0-idle");
  await page.getByRole("button", { name: "我有邀请" }).click();
  await page.getByLabel("邀请链接").fill(links.merchant);
  await page.getByRole("button", { name: "打开" }).click();
  await arrive(page, null, CASE.merchant, "station");
  await join(page, "station");
});

test("the mediator admits both, and each sees and hears the two others", async () => {
  const { page } = mediator;
  await look(page, "desk-6-door");
  await desk.admit(page, CASE.consumer, "电话和案情已核对");
  await desk.admit(page, CASE.merchant, "站点工作人员已确认");
  for (const one of [mediator, consumer, merchant]) await one.page.waitForFunction("globalThis.hejieDebug");
  // Seats: mediator 0, consumer 1, merchant 2; a receiver leaves out its own.
  await receivesOnly(mediator.page, [0, 1]);
  await receivesOnly(consumer.page, [0, 1]);
  await receivesOnly(merchant.page, [0, 1]);
  await hears(mediator.page, 0, "consumer");
  await hears(mediator.page, 1, "merchant");
  await hears(consumer.page, 0, "mediator");
  await hears(consumer.page, 1, "merchant");
  await hears(merchant.page, 0, "mediator");
  await hears(merchant.page, 1, "consumer");
  await sees(mediator.page, CASE.consumer, "consumer");
  await sees(mediator.page, CASE.merchant, "merchant");
  await sees(consumer.page, desk.STAFF.display, "mediator");
  await sees(consumer.page, CASE.merchant, "merchant");
  await sees(merchant.page, desk.STAFF.display, "mediator");
  await sees(merchant.page, CASE.consumer, "consumer");
});

test("they write, and show a receipt", async () => {
  await consumer.page.getByRole("button", { name: "聊天" }).click();
  await consumer.page.getByLabel("写一句话").fill("发票在这里，七月二日买的。");
  await consumer.page.getByRole("button", { name: "发送" }).click();
  await expect(consumer.page.getByRole("log").getByText("七月二日买的")).toBeVisible();
  await look(consumer.page, "phone-5-chat");
  await merchant.page.getByRole("tab", { name: /聊天/ }).click();
  await expect(merchant.page.getByRole("log").getByText("七月二日买的")).toBeVisible();
  await mediator.page.getByRole("tab", { name: /聊天/ }).click();
  await expect(mediator.page.getByRole("log").getByText("七月二日买的")).toBeVisible();

  await consumer.page.getByRole("button", { name: "更多" }).click();
  const receipt = await consumer.page.screenshot();
  await choose(consumer.page, "拍照或选择文件", { name: "发票.png", mimeType: "image/png", buffer: receipt });
  await expect(consumer.page.getByRole("button", { name: /发票\.png/ })).toBeVisible();
  await look(consumer.page, "phone-6-more");
  await consumer.page.getByRole("dialog").getByRole("button", { name: "关闭" }).click();
  await merchant.page.getByRole("tab", { name: /材料/ }).click();
  await merchant.page.getByRole("button", { name: /发票\.png/ }).click();
  const shown = merchant.page.getByRole("dialog", { name: "发票.png" }).getByRole("img");
  await expect.poll(() => shown.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);
  await look(merchant.page, "station-6-document");
  await merchant.page.getByRole("dialog").getByRole("button", { name: "关闭" }).click();
  await picture(consumer.page, "phone-room");
  await look(consumer.page, "phone-7-room");
  await merchant.page.getByRole("tab", { name: /人员/ }).click();
  await expect(merchant.page.getByText("电话和案情已核对")).toBeVisible();
  await look(merchant.page, "station-7-room");
  await look(mediator.page, "desk-7-room");
});

test("a private talk is dark and silent for the other side", async () => {
  const { page } = mediator;
  await page.getByRole("button", { name: "背对背" }).click();
  const task = page.getByRole("form", { name: "背对背谈话" });
  await task.getByLabel(CASE.consumer).check();
  await look(page, "desk-8-caucus-choice");
  await task.getByRole("button", { name: "开始谈话" }).click();

  await expect(consumer.page.getByText("私下谈话：李静。")).toBeVisible();
  await expect(consumer.page.getByText("商家看不到也听不到这里。")).toBeVisible();
  const outside = merchant.page.getByText("调解员正在和另一方单独谈话。他们看不到也听不到您。");
  await expect(outside).toBeVisible();

  await receivesOnly(merchant.page, []);
  await receivesOnly(consumer.page, [0]);
  await receivesOnly(mediator.page, [0]);
  await hears(consumer.page, 0, "mediator");
  await hears(mediator.page, 0, "consumer");
  await sees(consumer.page, desk.STAFF.display, "mediator");

  // Nothing at all reaches the one outside, however long one listens.
  const before = await received(merchant.page);
  await consumer.page.getByRole("button", { name: "聊天" }).click();
  await consumer.page.getByLabel("写一句话").fill("最低两千五，别告诉他们。");
  await consumer.page.getByRole("button", { name: "发送" }).click();
  await page.getByRole("tab", { name: /聊天/ }).click();
  await expect(page.getByRole("log").getByText("最低两千五")).toBeVisible();
  const silence = await during(merchant.page, 3_000);
  for (const slot of [...silence.audio, ...silence.video])
    expect(slot).toEqual({ packets: 0, energy: 0, frames: 0 });
  const after = await received(merchant.page);
  expect(after.audio.map((slot) => slot.packets)).toEqual(before.audio.map((slot) => slot.packets));
  expect(after.video.map((slot) => slot.frames)).toEqual(before.video.map((slot) => slot.frames));

  // Covered: no picture but one's own, no line, and something to do.
  const pictures = merchant.page.locator("video:visible");
  await expect(pictures).toHaveCount(1);
  await expect(pictures).toHaveAttribute("aria-label", "我的画面，可以拖动");
  await merchant.page.getByRole("tab", { name: /聊天/ }).click();
  await expect(merchant.page.getByText("最低两千五")).toHaveCount(0);
  await look(merchant.page, "station-8-outside");
  await look(consumer.page, "phone-8-caucus");
  await look(page, "desk-9-caucus");
  await consumer.page.getByRole("dialog").getByRole("button", { name: "关闭" }).click();
});

test("everyone comes back together: announced, then heard and seen again", async () => {
  await mediator.page.getByRole("button", { name: "返回", exact: true }).click();
  await expect(merchant.page.getByText(/秒后大家回到一起/)).toBeVisible();
  await receivesOnly(merchant.page, [0, 1]);
  await receivesOnly(consumer.page, [0, 1]);
  await hears(merchant.page, 0, "mediator");
  await hears(merchant.page, 1, "consumer");
  await hears(consumer.page, 1, "merchant");
  await sees(merchant.page, CASE.consumer, "consumer");
  await expect(merchant.page.getByText("最低两千五")).toHaveCount(0);
});

test("the consumer's page is loaded anew and comes back by itself", async () => {
  await consumer.page.reload();
  await expect(consumer.page.getByRole("button", { name: "离开" })).toBeVisible();
  await consumer.page.waitForFunction("globalThis.hejieDebug");
  await receivesOnly(consumer.page, [0, 1]);
  await hears(consumer.page, 0, "mediator");
  await hears(consumer.page, 1, "merchant");
  await hears(merchant.page, 1, "consumer");
  await sees(mediator.page, CASE.consumer, "consumer");
});

test("the consumer's connection breaks: told, and resumed with nothing lost", async () => {
  consumer.expects(/WebSocket connection|ERR_CONNECTION|ERR_EMPTY_RESPONSE|Failed to load resource: net::/);
  await consumer.page.getByRole("button", { name: "聊天" }).click();
  cable.pull();
  await expect(consumer.page.getByText("连接断开了，正在自动恢复。您填写的内容都还在。")).toBeVisible();
  await look(consumer.page, "phone-9-broken");
  await consumer.page.getByLabel("写一句话").fill("断线时写的");
  await merchant.page.getByRole("tab", { name: /聊天/ }).click();
  await merchant.page.getByLabel("写一句话").fill("您断线了吗？");
  await merchant.page.getByRole("button", { name: "发送" }).click();
  cable.plug();
  await expect(consumer.page.getByRole("log").getByText("您断线了吗？")).toBeVisible();
  await expect(consumer.page.getByText("连接断开了")).toHaveCount(0);
  await consumer.page.getByRole("button", { name: "发送" }).click();
  await expect(merchant.page.getByRole("log").getByText("断线时写的")).toBeVisible();
  await consumer.page.getByRole("dialog").getByRole("button", { name: "关闭" }).click();
  await receivesOnly(consumer.page, [0, 1]);
});

test("terms are drafted in everyone's sight, proposed, and agreed to by both", async () => {
  const { page } = mediator;
  await page.getByRole("button", { name: "起草", exact: true }).click();
  await desk.addTerm(page, 1, { kind: "退货", due: desk.dayAhead(7) });
  await desk.addTerm(page, 2, { kind: "退款", amount: "2680", due: desk.dayAhead(14), text: "原路退回" });
  await merchant.page.getByRole("tab", { name: /条款/ }).click();
  await consumer.page.getByRole("button", { name: "条款" }).click();
  await expect(merchant.page.getByText(/您向消费者退款 ¥2,680/)).toBeVisible();
  await expect(consumer.page.getByText(/商家向您退款 ¥2,680/)).toBeVisible();
  await expect(consumer.page.getByText("调解员正在书写，还没有提交")).toBeVisible();
  await look(consumer.page, "phone-10-drafting");
  await look(page, "desk-10-drafting");
  await page.getByRole("button", { name: "提交双方（第 1 稿）" }).click();
  await look(merchant.page, "station-9-terms");
  await merchant.page.getByRole("button", { name: "同意", exact: true }).click();
  await expect(consumer.page.getByText(`${CASE.merchant}已同意`)).toBeVisible();

  // A change makes the assent void.
  await desk.addTerm(page, 2, { kind: "退款", amount: "2750" });
  await page.getByRole("button", { name: "提交双方（第 2 稿）" }).click();
  await expect(consumer.page.getByText(/商家向您退款 ¥2,750/)).toBeVisible();
  await expect(consumer.page.getByText(`${CASE.merchant}已同意`)).toHaveCount(0);
  await look(consumer.page, "phone-11-terms");
  await consumer.page.getByRole("button", { name: "同意", exact: true }).click();
  await expect(merchant.page.getByText(`${CASE.consumer}已同意`)).toBeVisible();
  await merchant.page.getByRole("button", { name: "同意", exact: true }).click();
  await picture(merchant.page, "station");
  await expect(page.getByText(new RegExp(`${CASE.merchant}已同意`))).toBeVisible();
  await picture(page, "desk-room");
  await look(page, "desk-11-agreed");
});

test("each signs on their own device", async () => {
  const { page } = mediator;
  await page.getByRole("button", { name: "开始签署第 2 稿" }).click();
  for (const one of [consumer.page, merchant.page, page])
    await expect(one.getByRole("button", { name: "按住签名" })).toBeEnabled();
  await picture(consumer.page, "phone-sign");
  await look(consumer.page, "phone-12-signing");
  await look(merchant.page, "station-10-signing");
  await look(page, "desk-12-signing");

  // Let go early, and nothing is signed.
  const hold = consumer.page.getByRole("button", { name: "按住签名" });
  await hold.scrollIntoViewIfNeeded();
  await hold.hover();
  await consumer.page.mouse.down();
  await expect(consumer.page.getByText("请按住不放")).toBeVisible();
  await consumer.page.mouse.up();
  await expect(hold).toBeVisible();

  await desk.holdToSign(consumer.page);
  await expect(merchant.page.getByLabel(new RegExp(`^${CASE.consumer}: 已签`))).toBeVisible();
  await look(consumer.page, "phone-13-signed");
  await desk.holdToSign(merchant.page);
  await desk.holdToSign(page);
  for (const one of [consumer.page, merchant.page, page])
    await expect(one.getByRole("heading", { name: "协议已签署" })).toBeVisible();
});

let bundle: string;

test("each keeps the outcome, and the case holds it", async () => {
  for (const one of [consumer.page, merchant.page, mediator.page])
    await expect(one.getByRole("button", { name: "保存我的一份" })).toBeVisible({ timeout: 30_000 });
  for (const one of [consumer.page, merchant.page, mediator.page])
    await expect(one.getByRole("heading", { name: "协议已签署" })).toBeInViewport();
  await look(consumer.page, "phone-14-receipt");
  await look(merchant.page, "station-11-receipt");
  await look(mediator.page, "desk-13-receipt");
  const [kept] = await Promise.all([
    consumer.page.waitForEvent("download"),
    consumer.page.getByRole("button", { name: "保存我的一份" }).click(),
  ]);
  bundle = at(server.data, "kept.json");
  await kept.saveAs(bundle);

  const { page } = mediator;
  await page.getByRole("button", { name: "回到案件" }).click();
  await expect(page.getByText("已签署的调解协议")).toBeVisible();
  await expect(page.getByText("已达成协议").first()).toBeVisible();
  await page.getByRole("button", { name: "立即核验" }).click();
  await expect(page.getByText("核验通过：签名齐全，内容没有改动，已写入公开日志。")).toBeVisible();
  await look(page, "desk-14-case-agreed");
  const [saved] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "下载原件" }).click(),
  ]);
  const again = JSON.parse(readFileSync(await saved.path(), "utf8"));
  expect(again.outcome).toEqual(JSON.parse(readFileSync(bundle, "utf8")).outcome);
});

test("anybody can check it, in a browser and without one; an altered one fails", async () => {
  const altered = at(server.data, "altered.json");
  const text = readFileSync(bundle, "utf8");
  const { outcome } = JSON.parse(text) as { outcome: { payload: string } };
  const flip = (letter: string) => (letter === "A" ? "B" : "A");
  const payload =
    outcome.payload.slice(0, 100) + flip(outcome.payload[100] ?? "") + outcome.payload.slice(101);
  writeFileSync(altered, text.replace(outcome.payload, payload));
  const policy = at(server.data, "policy-given.json");
  writeFileSync(policy, await (await fetch(`${server.base}/api/v1/policy`)).text());

  const verify = await mediator.tab();
  await verify.goto(`${server.base}/verify`);
  await look(verify, "verify-1-start");
  await choose(verify, "选择文件", bundle);
  await expect(verify.getByRole("heading", { name: /核验通过：这就是当时签署的协议/ })).toBeVisible();
  await expect(verify.getByText(/退款 ¥2,750/)).toBeVisible();
  await picture(verify, "verify");
  await look(verify, "verify-2-valid");
  await verify.setViewportSize(PHONE);
  await look(verify, "verify-3-valid-phone");
  await verify.setViewportSize(DESK);
  await verify.getByRole("button", { name: "核验另一份" }).click();
  await choose(verify, "选择文件", altered);
  await expect(verify.getByRole("heading", { name: "核验不通过：请不要相信这份文件。" })).toBeVisible();
  await look(verify, "verify-4-invalid");

  const line = (file: string, ...more: string[]) => spawnSync(HEJIE, ["verify", file, ...more]).status;
  expect(line(bundle, "--policy", policy)).toBe(0);
  expect(line(altered, "--policy", policy)).not.toBe(0);
  expect(line(bundle)).not.toBe(0);
});

test("the address on the receipt leads to the public verify page", async () => {
  const href = await consumer.page.getByRole("link", { name: /\/v\// }).getAttribute("href");
  const page = await consumer.tab();
  await page.goto(href ?? "");
  // Both agreed to publication: the redacted document is there, and is the one of the letter.
  await expect(page.getByRole("heading", { name: /核验通过/ })).toBeVisible();
  await expect(page.getByText("与纸上二维码所指的是同一份。")).toBeVisible();
  await expect(page.getByText(CASE.consumer)).toHaveCount(0);
  await look(page, "verify-5-public-phone");
  await page.close();
});

test("who leaves the station leaves nothing there", async () => {
  const { page, context } = merchant;
  await page.getByRole("button", { name: "结束并清除本机内容" }).click();
  await expect(page.getByRole("heading", { name: "您已离开" })).toBeVisible();
  await look(page, "station-12-left");
  const kept = await page.evaluate(() => Object.keys(localStorage).concat(Object.keys(sessionStorage)));
  expect(kept.filter((key) => !["hejieDebug", "hejieQuality"].includes(key))).toEqual([]);
  const keys = await page.evaluate(async () => {
    let held = 0;
    for (const { name = "" } of await indexedDB.databases()) {
      const base = await new Promise<IDBDatabase>((done, failed) => {
        const asked = indexedDB.open(name);
        asked.onsuccess = () => done(asked.result);
        asked.onerror = () => failed(asked.error);
      });
      for (const store of base.objectStoreNames)
        held += await new Promise<number>((done) => {
          const asked = base.transaction(store).objectStore(store).count();
          asked.onsuccess = () => done(asked.result);
        });
      base.close();
    }
    return held;
  });
  expect(keys).toBe(0);
  expect((await context.cookies()).filter((one) => one.name === "hejie_device")).toEqual([]);
  await page.getByRole("button", { name: "回到首页" }).click();
  await expect(page.getByRole("button", { name: "我有邀请" })).toBeVisible();
});

test("no page complained, and none shuts out people who listen or use keys", () => {
  for (const one of [mediator, consumer, merchant]) one.content();
  expect(faulty).toEqual([]);
});
