// The page that tries everything before or during a call: fetched when somebody asks for it.
import { later } from "../../ui/later";

const page = later(async () => (await import("./check/CheckPage")).CheckPage);

export const CheckPage = page.Page;
