// The station page, for a merchant or a visitor at a shared screen: /station, /station#TOKEN, then
// /station/DEVICE. Whoever leaves, leaves nothing.
import "../entry/entry.css";
import "../../room/room.css";
import "./station.css";
import { open } from "../../ui/page";
import { Entry } from "../entry/entry";
import { Pages } from "../entry/Pages";
import { forgetIdlers } from "./forget";
import { Idle } from "./Idle";
import { StationRoom } from "./StationRoom";

const entry = new Entry("station");

void open(() => <Pages entry={entry} layout={StationRoom} idle={<Idle entry={entry} />} />, {
  zh: [() => import("../../i18n/zh/common.ftl?raw"), () => import("../../i18n/zh/phone.ftl?raw")],
  en: [() => import("../../i18n/en/common.ftl?raw"), () => import("../../i18n/en/phone.ftl?raw")],
}).then(() => {
  forgetIdlers(entry);
  entry.followAddress();
  return entry.begin();
});
