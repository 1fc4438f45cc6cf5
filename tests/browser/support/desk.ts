// The mediator's way through the desk, by what stands on it.
import { expect, type Page } from "@playwright/test";

export const STAFF = { name: "lijing", display: "李静", password: "correct horse battery" };

export const CASE = {
  consumer: "王小明",
  merchant: "示例家电商场",
  item: "洗衣机",
  amount: "2999",
};

export async function signIn(page: Page, base: string): Promise<void> {
  await page.goto(`${base}/desk`);
  await page.getByLabel("用户名").fill(STAFF.name);
  await page.getByLabel("密码").fill(STAFF.password);
  await page.getByRole("button", { name: "登录" }).click();
  await expect(page.getByText(`${STAFF.display}，您好`)).toBeVisible();
}

/** Registers a case and ends on its page. */
export async function newCase(page: Page): Promise<void> {
  await page.getByRole("button", { name: "登记新案件" }).click();
  const field = (label: string, part?: string) =>
    (part ? page.getByRole("group", { name: part }) : page).getByLabel(label, { exact: true });
  await field("商品或服务").fill(CASE.item);
  await field("争议金额 （可不填）").fill(CASE.amount);
  await field("行政区划代码").fill("310104");
  await field("姓名", "消费者").fill(CASE.consumer);
  await field("电话", "消费者").fill("13812345678");
  await field("地址", "消费者").fill("上海市徐汇区示例路1号");
  await field("名称", "经营者").fill(CASE.merchant);
  await field("地址", "经营者").fill("上海市徐汇区示例路88号一层");
  await field("事实经过").fill("购买一周后漏水，维修两次仍未修好。");
  await field("诉求").fill("退货并退还货款\n补偿误工损失");
  await page.getByRole("button", { name: "登记", exact: true }).click();
  await expect(page.getByRole("button", { name: "打开会场" })).toBeVisible();
}

/** Opens the case's room. */
export async function openRoom(page: Page): Promise<void> {
  await page.getByRole("button", { name: "打开会场" }).click();
  await expect(page).toHaveURL(/\/desk\/room\//);
  await expect(page.getByText("会场里只有您")).toBeVisible();
}

/** Makes a link for a party and reads it from the page. */
export async function invite(page: Page, role: "consumer" | "merchant", lang?: "English"): Promise<string> {
  await page.getByRole("complementary", { name: "参加的人" }).getByRole("button", { name: "邀请" }).click();
  const task = page.getByRole("form", { name: "邀请" });
  await task.getByLabel("身份", { exact: true }).selectOption(role);
  await task.getByLabel("姓名").fill(role === "consumer" ? CASE.consumer : CASE.merchant);
  if (lang) await task.getByText(lang).click();
  await task.getByRole("button", { name: "生成链接" }).click();
  const text = await page.getByLabel("邀请文字").inputValue();
  const link = /https?:\/\/\S+#[\w-]+/.exec(text)?.[0];
  if (!link) throw new Error(`no link in ${text}`);
  return link;
}

/** Puts the link on the right away, so that the case's tabs stand there again. */
export async function closeLink(page: Page): Promise<void> {
  await page
    .getByRole("form", { name: /的链接$/ })
    .getByRole("button", { name: "关闭" })
    .click();
}

/** Lets somebody in from the door, saying how they were checked. */
export async function admit(page: Page, name: string, how: string): Promise<void> {
  const knock = page.getByRole("region", { name: "门口" }).getByRole("article").filter({ hasText: name });
  await knock.getByLabel("身份核对").selectOption({ label: how });
  await knock.getByRole("button", { name: "请进" }).click();
  await expect(knock).toHaveCount(0);
}

/** A term at the end of the draft. */
export async function addTerm(
  page: Page,
  number: number,
  term: { kind: string; by?: string; amount?: string; due?: string; text?: string },
): Promise<void> {
  const row = page.getByRole("listitem", { name: `第 ${number} 条` });
  if ((await row.count()) === 0) await page.getByRole("button", { name: "添加一条" }).click();
  await row.getByLabel("种类").selectOption({ label: term.kind });
  if (term.by) await row.getByLabel("由谁履行").selectOption({ label: term.by });
  if (term.amount) await row.getByLabel("金额（元）").fill(term.amount);
  if (term.due) await row.getByLabel("期限").fill(term.due);
  if (term.text) await row.getByLabel("补充说明").fill(term.text);
}

/** Holds the button down until the signature is made. */
export async function holdToSign(page: Page): Promise<void> {
  const button = page.getByRole("button", { name: "按住签名" });
  await expect(button).toBeEnabled();
  await button.scrollIntoViewIfNeeded();
  await button.hover();
  await page.mouse.down();
  await expect(page.getByText(/您已签名|协议已签署/).first()).toBeVisible({ timeout: 30_000 });
  await page.mouse.up();
}

/** A day so many days from now, as a date field wants it. */
export function dayAhead(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}
