// Which changes of the network are told.
import { afterEach, expect, test, vi } from "vitest";
import { watchNetwork } from "../src/protocol/network";

afterEach(() => vi.unstubAllGlobals());

test("coming online and another kind of network are told; a new estimate of the speed is not", () => {
  const page = new EventTarget();
  const connection = Object.assign(new EventTarget(), { type: "wifi" });
  vi.stubGlobal("window", page);
  vi.stubGlobal("navigator", { connection });
  const changed = vi.fn();
  const stop = watchNetwork(changed);
  connection.dispatchEvent(new Event("change"));
  expect(changed).toHaveBeenCalledTimes(0);
  connection.type = "none";
  connection.dispatchEvent(new Event("change"));
  expect(changed).toHaveBeenCalledTimes(0);
  connection.type = "cellular";
  connection.dispatchEvent(new Event("change"));
  expect(changed).toHaveBeenCalledTimes(1);
  page.dispatchEvent(new Event("online"));
  expect(changed).toHaveBeenCalledTimes(2);
  stop();
  page.dispatchEvent(new Event("online"));
  expect(changed).toHaveBeenCalledTimes(2);
});
