// The ceremony and the receipt on the pages of the parties: scripts that are fetched while people talk,
// so that the room itself opens sooner.
import { later } from "../ui/later";

const ceremony = later(async () => (await import("./Ceremony")).Ceremony);
const receipt = later(async () => (await import("./Receipt")).Receipt);

export const Ceremony = ceremony.Page;
export const Receipt = receipt.Page;

/** Called by the room's pages once they stand. */
export function preparePapers(): void {
  ceremony.prepare();
  receipt.prepare();
}
