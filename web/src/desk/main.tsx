// The mediator's desk: cases and the room. One page, four addresses (route.ts).
import { open } from "../ui/page";
import "../room/room.css";
import "./desk.css";
import "./room/droom.css";
import { App } from "./App";

void open(App, {
  zh: [() => import("../i18n/zh/common.ftl?raw"), () => import("../i18n/zh/desk.ftl?raw")],
  en: [() => import("../i18n/en/common.ftl?raw"), () => import("../i18n/en/desk.ftl?raw")],
});
