// The ways in that go otherwise: a link opened twice, on a second device, in English, with everything
// refused, without a camera; a server that dies; a session that ends without agreement.
import { expect, test } from "@playwright/test";
import * as desk from "./support/desk";
import { CASE } from "./support/desk";
import { arrive, join } from "./support/party";
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
});

test.afterAll(async () => {
  await Promise.allSettled([mediator, ...others].map((one) => one?.close()));
  await server?.stop();
});

test("public pages stand by themselves: home, a phone page without a link, a link nobody made", async () => {
  const { page } = mediator;
  await page.goto(server.base);
  await expect(page.getByRole("heading", { name: "有话好好说，说定就算数" })).toBeVisible();
  await look(page, "home");
  await page.setViewportSize(PHONE);
  await look(page, "home-phone");
  await page.goto(`${server.base}/j`);
  await expect(page.getByRole("heading", { name: "请从邀请链接打开" })).toBeVisible();
  await look(page, "phone-no-link");
  mediator.expects(/status of 404.*\/invitations\/look/);
  await page.goto(`${server.base}/j#AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA`);
  await expect(page.getByRole("heading", { name: "没有找到这个邀请" })).toBeVisible();
  await look(page, "phone-unknown-link");
  await page.setViewportSize(DESK);
});

let link: string;
let phone: Person;

test("signing in by a single-use link, which works once", async () => {
  const { page } = mediator;
  const said = server.run(["staff", "link", desk.STAFF.name]).trim().split("\n").pop() ?? "";
  const signIn = said.replace(/^https?:\/\/[^/]+/, server.base);
  await page.goto(signIn);
  await expect(page.getByText(`${desk.STAFF.display}，您好`)).toBeVisible();
  const stranger = await somebody({ fake: "mediator", size: DESK });
  stranger.expects(/status of 4\d\d.*\/staff\/link/);
  await stranger.page.goto(signIn);
  await expect(stranger.page.getByText("这个登录链接已用过或已过期。")).toBeVisible();
  await look(stranger.page, "desk-link-used");
  stranger.content();
  await stranger.close();
  others.pop();
  await desk.newCase(page);
  await desk.openRoom(page);
  link = await desk.invite(page, "consumer", "English");
  await desk.closeLink(page);
});

test("an English phone reads English from the link to the door, with its camera and microphone refused", async () => {
  phone = await somebody({ fake: "consumer", size: PHONE, touch: true, locale: "en-GB", refused: true });
  const { page } = phone;
  await page.goto(link);
  await expect(page.getByRole("heading", { name: /invited to a mediation by video/ })).toBeVisible();
  await look(page, "phone-en-1-invited");
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByRole("checkbox").first().check();
  await look(page, "phone-en-2-rules");
  await page.getByRole("button", { name: "Next" }).click();
  await expect(page.getByRole("alert").first()).toBeVisible();
  await look(page, "phone-en-3-refused");
  const chinese = (await page.locator("main").textContent())?.match(/[\u4e00-\u9fff]+/g) ?? [];
  expect(chinese, "Chinese on an English page").toEqual([]);
  await page.locator("footer").getByRole("button").click();
  await expect(page.getByText(/李静/).first()).toBeVisible();
  await expect(page).toHaveURL(/\/j\/[\w-]+/);
  await look(page, "phone-en-4-waiting");
});

test("who has no camera takes part all the same", async () => {
  await desk.admit(mediator.page, CASE.consumer, "电话和案情已核对");
  await expect(phone.page.getByRole("button", { name: "Leave" })).toBeVisible();
  await sees(phone.page, desk.STAFF.display, "mediator");
  await hears(phone.page, 0, "mediator");
  await look(phone.page, "phone-en-5-room");
  await phone.page.getByRole("button", { name: "Chat" }).click();
  await phone.page.getByRole("textbox").fill("I can hear you well.");
  await phone.page.getByRole("button", { name: "Send" }).click();
  await mediator.page.getByRole("tab", { name: /聊天/ }).click();
  await expect(mediator.page.getByRole("log").getByText("I can hear you well.")).toBeVisible();
});

test("the same link again: the same phone moves over, another device has to ask", async () => {
  const again = await phone.tab();
  await again.goto(link);
  await expect(again).toHaveURL(/\/j\/[\w-]+/);
  await expect(phone.page.getByRole("heading", { name: "Opened in another window" })).toBeVisible();
  await look(phone.page, "phone-superseded");
  await again.close();
  await phone.page.getByRole("button", { name: "Use this window" }).click();
  await expect(phone.page.getByRole("button", { name: "Leave" })).toBeVisible();

  const second = await somebody({ fake: "consumer", size: PHONE, touch: true });
  await second.page.goto(link);
  await expect(second.page.getByRole("heading", { name: "这个链接已经用过了" })).toBeVisible();
  await look(second.page, "phone-link-used");
  await second.page.getByRole("button", { name: "是我本人，请调解员让我进" }).click();
  await arrive(second.page, null, CASE.consumer);
  await join(second.page);
  const { page } = mediator;
  const knock = page.getByRole("region", { name: "门口" }).getByRole("article");
  await expect(knock.getByText("此人已在会场。请进后，原来的设备会退出，并用新的密钥签名。")).toBeVisible();
  await look(page, "desk-door-second-device");
  await knock.getByRole("button", { name: "谢绝" }).click();
  await page.getByRole("form", { name: /谢绝/ }).getByLabel("理由").fill("请用原来的手机");
  await page.getByRole("form", { name: /谢绝/ }).getByRole("button", { name: "谢绝" }).click();
  await expect(second.page.getByRole("heading", { name: "调解员没有请您进入" })).toBeVisible();
  await look(second.page, "phone-refused");
  await expect(phone.page.getByRole("button", { name: "Leave" })).toBeVisible();
  second.content();
  await second.close();
  others.pop();
});

test("the server is killed, and everyone comes back by themselves", async () => {
  for (const one of [mediator, phone])
    one.expects(/WebSocket connection|ERR_CONNECTION|ERR_EMPTY_RESPONSE|Failed to load resource: net::/);
  await server.kill();
  await expect(mediator.page.getByText("连接断开了，正在自动恢复。")).toBeVisible();
  await server.up();
  await expect(mediator.page.getByText("连接断开了")).toHaveCount(0);
  await phone.page.getByRole("button", { name: "Chat" }).click();
  await phone.page.getByRole("textbox").fill("And now?");
  await phone.page.getByRole("button", { name: "Send" }).click();
  await expect(mediator.page.getByRole("log").getByText("And now?")).toBeVisible();
  await expect(mediator.page.getByRole("log").getByText("I can hear you well.")).toBeVisible();
});

test("no agreement: ended with a ground, told to the party and kept on the case", async () => {
  const { page } = mediator;
  await page.getByRole("button", { name: "终止", exact: true }).click();
  const task = page.getByRole("form", { name: "终止调解" });
  await task.getByLabel("终止理由").selectOption({ label: "一方明确表示无法达成协议" });
  await task.getByLabel("调解记录").fill("消费者要求全额退款，商家只同意维修。");
  await look(page, "desk-terminate");
  await task.getByRole("button", { name: "终止调解" }).click();
  await expect(phone.page.getByRole("heading", { name: /ended/i })).toBeVisible();
  await expect(phone.page.getByText("商家只同意维修。")).toBeVisible();
  await look(phone.page, "phone-en-6-terminated");
  await page.getByRole("button", { name: "回到案件" }).click();
  await expect(page.getByText("未达成协议").first()).toBeVisible();
  await expect(page.getByText("一方明确表示无法达成协议")).toBeVisible();
  await expect(page.getByText("本案已经结束。")).toBeVisible();
  await expect(page.getByRole("button", { name: "打开会场" })).toHaveCount(0);
  await look(page, "desk-case-terminated");
});

test("a station without a camera takes part by voice; a pasted link is noticed at once", async () => {
  const { page } = mediator;
  await page.getByRole("link", { name: "案件", exact: true }).click();
  await desk.newCase(page);
  await desk.openRoom(page);
  const station = await desk.invite(page, "merchant");
  const bare = await somebody({ fake: "merchant", size: STATION, touch: true, bare: true });
  await bare.page.goto(`${server.base}/station`);
  await expect(bare.page.getByRole("button", { name: "我有邀请" })).toBeVisible();
  await arrive(bare.page, station, CASE.merchant);
  await expect(bare.page.getByText("没有找到设备。可以接上后再试。")).toBeVisible();
  await look(bare.page, "station-no-camera");
  await bare.page.getByRole("button", { name: "只用声音进入" }).click();
  await desk.admit(page, CASE.merchant, "站点工作人员已确认");
  await expect(bare.page.getByRole("tab", { name: /条款/ })).toBeVisible();
  await look(bare.page, "station-no-camera-room");
});

test("no page complained, and none shuts out people who listen or use keys", () => {
  for (const one of [mediator, ...others]) one.content();
  expect(faulty).toEqual([]);
});
