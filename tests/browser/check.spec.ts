// Before the call: who wants to be seen or heard less goes in with one tap, and everything that a call
// needs can be tried, one question at a time.
import { expect, test } from "@playwright/test";
import * as desk from "./support/desk";
import { CASE } from "./support/desk";
import { arrive } from "./support/party";
import { DESK, faulty, look, Person, PHONE, STATION } from "./support/person";
import { hears, sees } from "./support/senses";
import { Server } from "./support/server";

test.describe.configure({ mode: "serial" });

let server: Server;
let mediator: Person;
const others: Person[] = [];

async function somebody(needs: Parameters<typeof Person.at>[0]): Promise<Person> {
  const person = await Person.at(needs);
  others.push(person);
  return person;
}

test.beforeAll(async () => {
  server = await Server.start();
  server.run(["staff", "add", desk.STAFF.name, "--display-name", desk.STAFF.display], desk.STAFF.password);
  await server.up();
  mediator = await Person.at({ fake: "mediator", size: DESK });
  await desk.signIn(mediator.page, server.base);
  await desk.newCase(mediator.page);
  await desk.openRoom(mediator.page);
});

test.afterAll(async () => {
  await Promise.allSettled([mediator, ...others].map((one) => one?.close()));
  await server?.stop();
});

let phone: Person;
let station: Person;
let walled: Person;

test("everything is tried on a phone, one question at a time", async () => {
  const link = await desk.invite(mediator.page, "consumer");
  await desk.closeLink(mediator.page);
  phone = await somebody({ fake: "consumer", size: PHONE, touch: true });
  const { page } = phone;
  await arrive(page, link, CASE.consumer);
  await expect(page.getByText("网络好")).toBeVisible();
  const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
  await press("检查设备");
  await expect(page.getByRole("heading", { name: "看得到自己吗？" })).toBeVisible();
  await press("看不到");
  await expect(page.getByText("看看镜头有没有被手、贴纸或保护套挡住。")).toBeVisible();
  await look(page, "check-1-camera");
  await press("看得到");
  await expect(page.getByText("听得到您")).toBeVisible();
  await look(page, "check-2-microphone");
  await press("下一步");
  await press("播放提示音");
  await press("没听到");
  await expect(page.getByText("用侧面的按键把音量调大。")).toBeVisible();
  await look(page, "check-3-speaker");
  await press("还是没听到");
  await expect(page.getByRole("heading", { name: "网络", exact: true })).toBeVisible();
  const found = page.getByRole("listitem");
  await expect(found.filter({ hasText: "UDP" })).toHaveText(/\d+ 毫秒/);
  await expect(found.filter({ hasText: "TURN" })).toContainText("没有设置");
  await expect(found.filter({ hasText: "画面" })).toContainText("好");
  await expect(found.filter({ hasText: "扬声器" })).toContainText("没听到");
  await look(page, "check-4-network");
  await press("完成");
  await expect(page.getByRole("heading", { name: "试一试声音和画面" })).toBeVisible();
});

test("who has a camera and would rather not be seen goes in with sound only", async () => {
  const { page } = phone;
  await page.getByRole("button", { name: "只用声音", exact: true }).click();
  await expect(page.getByRole("heading", { name: /马上请您进来/ })).toBeVisible();
  await expect(page.locator("video")).toHaveCount(0);
  await page.getByRole("button", { name: "检查设备" }).click();
  await expect(page.getByRole("heading", { name: "没有打开摄像头" })).toBeVisible();
  // Being let in ends the trial: nobody misses it.
  await desk.admit(mediator.page, CASE.consumer, "电话和案情已核对");
  await expect(page.getByRole("button", { name: "离开" })).toBeVisible();
  await hears(mediator.page, 0, "consumer");
  await sees(page, desk.STAFF.display, "mediator");
  expect(await senders(page)).toEqual(["audio"]);
  await page.reload();
  await expect(page.getByRole("button", { name: "离开" })).toBeVisible();
  await expect.poll(() => senders(page)).toEqual(["audio"]);
});

test("who would rather not speak either goes in by text: sees, hears and writes", async () => {
  const link = await desk.invite(mediator.page, "merchant");
  await desk.closeLink(mediator.page);
  station = await somebody({ fake: "merchant", size: STATION, touch: true });
  const { page } = station;
  await arrive(page, link, CASE.merchant);
  await look(page, "station-check-devices");
  await page.getByRole("button", { name: "只用文字", exact: true }).click();
  await desk.admit(mediator.page, CASE.merchant, "站点工作人员已确认");
  await sees(page, desk.STAFF.display, "mediator");
  expect(await senders(page)).toEqual([]);
  await page.getByRole("tab", { name: /聊天/ }).click();
  await page.getByRole("textbox").fill("我先听，写字回答。");
  await page.getByRole("button", { name: "发送" }).click();
  await mediator.page.getByRole("tab", { name: /聊天/ }).click();
  await expect(mediator.page.getByRole("log").getByText("我先听，写字回答。")).toBeVisible();
});

test("a network that lets nothing through is told before going in, with what to do, and keeps nobody out", async () => {
  // Where no machine is: the server's address as seen from behind a wall.
  const behind = await Server.start("serve", `[media]\npublic_addresses = ["192.0.2.1"]`);
  try {
    behind.run(["staff", "add", desk.STAFF.name, "--display-name", desk.STAFF.display], desk.STAFF.password);
    await behind.up();
    const host = await somebody({ fake: "mediator", size: DESK });
    await desk.signIn(host.page, behind.base);
    await desk.newCase(host.page);
    await desk.openRoom(host.page);
    const link = await desk.invite(host.page, "consumer");
    walled = await somebody({ fake: "consumer", size: PHONE, touch: true });
    const { page } = walled;
    await arrive(page, link, CASE.consumer);
    const notice = page.getByRole("alert").filter({ hasText: "这个网络连不上会场" });
    await expect(notice).toContainText(`打电话联系调解员${desk.STAFF.display}`);
    await look(page, "check-5-nothing-through");
    await page.getByRole("button", { name: "进入", exact: true }).click();
    await expect(page.getByRole("heading", { name: /马上请您进来/ })).toBeVisible();
    await expect(notice).toBeVisible();
  } finally {
    await behind.stop();
  }
});

test("nothing was complained of", () => {
  for (const one of [mediator, phone, station]) one.content();
  expect(faulty).toEqual([]);
});

/** The kinds of the live tracks that a page holds for the call. */
function senders(page: Person["page"]): Promise<string[]> {
  return page.evaluate(() => {
    const { hejieDebug } = globalThis as unknown as { hejieDebug?: { pc: RTCPeerConnection } };
    const tracks = hejieDebug?.pc.getSenders().flatMap(({ track }) => (track ? [track] : [])) ?? [];
    return tracks.filter((track) => track.readyState === "live").map((track) => track.kind);
  });
}
