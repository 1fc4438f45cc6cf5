// What is plugged in changed: is the device in use still the right one?
import { expect, test } from "vitest";
import { outdated } from "../../src/media/devices";

const built = { deviceId: "built-in", label: "Built-in" };
const headset = { deviceId: "headset", label: "Headset" };
const using = (device: { deviceId: string; label: string }, ended = false) => ({ ...device, ended });

test("nothing changes while the device in use is there", () => {
  expect(outdated([built], using(built), "built-in")).toBe(false);
  expect(outdated([built, headset], using(built), "built-in")).toBe(false);
});

test("a device that is gone is replaced, if there is another", () => {
  expect(outdated([built], using(headset), "headset")).toBe(true);
  expect(outdated([built], using(headset, true), "headset")).toBe(true);
  expect(outdated([], using(headset, true), "headset")).toBe(false);
});

test("the preferred device is taken back when it returns", () => {
  expect(outdated([built, headset], using(built), "headset")).toBe(true);
});

test("the machine's default follows what the machine makes its default", () => {
  const was = { deviceId: "default", label: "Default - Built-in" };
  const now = { deviceId: "default", label: "Default - Headset" };
  expect(outdated([was, built], using(was), "default")).toBe(false);
  expect(outdated([now, built, headset], using(was), "default")).toBe(true);
});

test("a list without ids, as before permission, says nothing", () => {
  expect(outdated([{ deviceId: "", label: "" }], using(built), "built-in")).toBe(false);
});
