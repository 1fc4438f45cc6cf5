// The phone page, for a consumer who comes by a link in a message: /j#TOKEN, then /j/DEVICE.
import "../entry/entry.css";
import "../../room/room.css";
import { open } from "../../ui/page";
import { Entry } from "../entry/entry";
import { Pages } from "../entry/Pages";
import { PhoneRoom } from "./PhoneRoom";

const entry = new Entry("phone");

void open(() => <Pages entry={entry} layout={PhoneRoom} idle={null} />, {
  zh: [() => import("../../i18n/zh/common.ftl?raw"), () => import("../../i18n/zh/phone.ftl?raw")],
  en: [() => import("../../i18n/en/common.ftl?raw"), () => import("../../i18n/en/phone.ftl?raw")],
}).then(() => {
  entry.followAddress();
  return entry.begin();
});
