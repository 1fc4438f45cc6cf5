// The path of sound and pictures, as a browser counts it: a camera in two sizes of which each receiver gets
// the one that fits, a path renewed under a running call, and one over TCP where UDP does not get through.
import { expect, type Page, test } from "@playwright/test";
import * as desk from "./support/desk";
import { CASE } from "./support/desk";
import { arrive, join } from "./support/party";
import { DESK, Person, STATION } from "./support/person";
import { during, hears, receivesOnly } from "./support/senses";
import { freeTcp, Server } from "./support/server";

interface Call {
  server: Server;
  mediator: Person;
  party: Person;
}

let call: Call | null = null;

test.afterEach(async () => {
  await Promise.allSettled([call?.mediator.close(), call?.party.close()]);
  await call?.server.stop();
  call = null;
});

/** A mediator and a consumer who hear each other; `prepare` sees each page's context first. */
async function begin(toml: string, prepare: (one: Person) => Promise<void>): Promise<Call> {
  const server = await Server.start("serve", toml);
  server.run(["staff", "add", desk.STAFF.name, "--display-name", desk.STAFF.display], desk.STAFF.password);
  await server.up();
  const mediator = await Person.at({ fake: "mediator", size: DESK, large: true });
  const party = await Person.at({ fake: "consumer", size: STATION, touch: true, large: true });
  call = { server, mediator, party };
  await Promise.all([mediator, party].map(prepare));
  await desk.signIn(mediator.page, server.base);
  await desk.newCase(mediator.page);
  await desk.openRoom(mediator.page);
  const link = await desk.invite(mediator.page, "consumer");
  await desk.closeLink(mediator.page);
  await arrive(party.page, link, CASE.consumer);
  await join(party.page);
  await desk.admit(mediator.page, CASE.consumer, "电话和案情已核对");
  for (const { page } of [mediator, party]) {
    await page.waitForFunction("globalThis.hejieDebug");
    await receivesOnly(page, [0]);
  }
  return call;
}

test("a camera's two sizes are sent, and what is shown says which one comes", async () => {
  const { mediator, party } = await begin("", async ({ context }) => {
    await context.addInitScript(() => {
      try {
        localStorage.setItem("hejieSimulcast", "1");
      } catch {
        // A page without storage, such as about:blank.
      }
    });
  });
  const sent = async () => {
    const all = (await stats(party.page)).filter(
      (one) => one.type === "outbound-rtp" && one.kind === "video" && Number(one.framesEncoded) > 0,
    );
    return all.map((one) => `${one.rid}`).sort();
  };
  await expect.poll(sent, { timeout: 20_000 }).toEqual(["0", "1"]);
  const height = () => inbound(mediator.page, "video", "frameHeight");
  await mark(mediator.page);
  const before = await marked(mediator.page);
  for (const [shown, decoded] of [
    ["800px", 270],
    ["60px", 135],
    ["800px", 270],
  ] as const) {
    await mediator.page.evaluate((shown) => {
      for (const video of document.querySelectorAll("figure.tile video"))
        (video as HTMLElement).style.cssText =
          `position:fixed;left:0;top:0;width:calc(${shown} * 16 / 9);height:${shown}`;
    }, shown);
    await expect.poll(height, { timeout: 20_000, message: `shown at ${shown}` }).toBe(decoded);
  }
  // The very same connection: nothing was negotiated anew.
  expect(await marked(mediator.page)).toEqual({ ...before, same: true });
});

test("another network: the path is renewed under the same connection, and the call goes on", async () => {
  const { mediator, party } = await begin("", async () => undefined);
  const { page } = party;
  await mark(page);
  const before = await marked(page);
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await expect.poll(async () => (await marked(page)).ufrag).not.toBe(before.ufrag);
  const after = await marked(page);
  expect(after).toMatchObject({ same: true, fingerprint: before.fingerprint });
  await receivesOnly(page, [0]);
  await receivesOnly(mediator.page, [0]);
  await hears(mediator.page, 0, "consumer");
  expect((await marked(page)).same).toBe(true);
});

test("a network without UDP: sound and pictures go over TCP", async () => {
  const tcp = await freeTcp();
  const toml = `[media]\npublic_addresses = ["127.0.0.1"]\ntcp_listen = "127.0.0.1:${tcp}"`;
  const { party } = await begin(toml, async ({ context }) => {
    await context.addInitScript(() => {
      const page = globalThis as unknown as { RTCPeerConnection: typeof RTCPeerConnection };
      page.RTCPeerConnection = class extends RTCPeerConnection {
        override setRemoteDescription = async (description: RTCSessionDescriptionInit): Promise<void> => {
          const sdp = description.sdp?.replace(/^a=candidate:\S+ \d+ udp .*\r\n/gim, "") ?? "";
          await super.setRemoteDescription({ type: description.type, sdp });
        };
      };
    });
  });
  const { page } = party;
  const all = await stats(page);
  const transport = all.find((one) => one.type === "transport");
  const pair = all.find((one) => one.id === transport?.selectedCandidatePairId);
  const local = all.find((one) => one.id === pair?.localCandidateId);
  expect(local?.protocol).toBe("tcp");
  const got = await during(page, 2_000);
  expect(got.video[0]?.frames).toBeGreaterThan(0);
  await hears(page, 0, "mediator");
});

type Told = Record<string, unknown>;

function stats(page: Page): Promise<Told[]> {
  return page.evaluate(async () => {
    const { pc } = (globalThis as unknown as { hejieDebug: { pc: RTCPeerConnection } }).hejieDebug;
    return [...(await pc.getStats()).values()];
  });
}

/** From here on it can be told whether the connection is still this one. */
function mark(page: Page): Promise<void> {
  return page.evaluate(() => {
    const marks = globalThis as unknown as { hejieDebug: { pc: RTCPeerConnection }; hejieMark: unknown };
    const { pc } = marks.hejieDebug;
    marks.hejieMark = { pc };
  });
}

function marked(page: Page) {
  return page.evaluate(() => {
    const marks = globalThis as unknown as {
      hejieDebug: { pc: RTCPeerConnection };
      hejieMark: { pc: RTCPeerConnection };
    };
    const { pc } = marks.hejieDebug;
    const sdp = pc.currentRemoteDescription?.sdp ?? "";
    const line = (name: string) => new RegExp(`^a=${name}:(.*)$`, "m").exec(sdp)?.[1];
    return {
      same: marks.hejieMark.pc === pc && pc.connectionState === "connected",
      ufrag: line("ice-ufrag"),
      fingerprint: line("fingerprint"),
    };
  });
}

/** A figure of the one stream of this kind that comes in. */
async function inbound(page: Page, kind: string, what: string): Promise<unknown> {
  const streams = (await stats(page)).filter((one) => one.type === "inbound-rtp" && one.kind === kind);
  return streams.find((one) => Number(one.packetsReceived) > 0)?.[what];
}
