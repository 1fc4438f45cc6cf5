// The verify page: /verify for a file at hand, /v/OID#… from a letter's QR code.
import { open } from "../ui/page";
import "./verify.css";
import { VerifyPage } from "./VerifyPage";

void open(VerifyPage, {
  zh: [() => import("../i18n/zh/common.ftl?raw"), () => import("../i18n/zh/verify.ftl?raw")],
  en: [() => import("../i18n/en/common.ftl?raw"), () => import("../i18n/en/verify.ftl?raw")],
});
