// A party's way in, the same on phone and station: who invites me, the rules, my microphone and camera,
// the door.
import { expect, type Page } from "@playwright/test";
import { look } from "./person";

/** Opens the link (null: it stands open) and goes as far as the preview of one's own picture. */
export async function arrive(page: Page, link: string | null, name: string, shots?: string): Promise<void> {
  const seen = async (what: string) => {
    if (shots) await look(page, `${shots}-${what}`);
  };
  if (link) await page.goto(link);
  await expect(page.getByRole("heading", { name: `${name}，请您参加视频调解` })).toBeVisible();
  await seen("1-invited");
  await page.getByRole("button", { name: "下一步" }).click();
  await expect(page.getByRole("heading", { name: "请先看调解规则" })).toBeVisible();
  await expect(page.getByRole("button", { name: "下一步" })).toBeDisabled();
  await page.getByLabel("我已阅读并接受以上规则").check();
  await page.getByLabel("我同意公开隐去姓名的调解结果").check();
  await seen("2-rules");
  await page.getByRole("button", { name: "下一步" }).click();
  await expect(page.getByRole("heading", { name: "试一试声音和画面" })).toBeVisible();
}

/** The preview shows my picture and hears me; joining leads to the door. */
export async function join(page: Page, shots?: string): Promise<void> {
  await expect(page.getByText("听得到您")).toBeVisible();
  const enter = page.getByRole("button", { name: "进入", exact: true });
  await expect(enter).toBeEnabled();
  if (shots) await look(page, `${shots}-3-devices`);
  await enter.click();
  await expect(page.getByRole("heading", { name: /马上请您进来/ })).toBeVisible();
  if (shots) await look(page, `${shots}-4-waiting`);
}
