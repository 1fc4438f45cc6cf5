// The entry of this surface.
import { t } from "../i18n";
import { open } from "../ui/page";

void open(() => <h1>{t("brand")}</h1>, {
  zh: [() => import("../i18n/zh/common.ftl?raw"), () => import("../i18n/zh/desk.ftl?raw")],
  en: [() => import("../i18n/en/common.ftl?raw"), () => import("../i18n/en/desk.ftl?raw")],
});
