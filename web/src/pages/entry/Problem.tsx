// Why the last step failed, and that nothing was lost by it.
import { t } from "../../i18n";
import { Notice } from "../../ui/Notice";
import type { Entry } from "./entry";

export function Problem({ entry }: { entry: Entry }) {
  const code = entry.problem.value;
  if (!code) return null;
  return (
    <Notice kind="error" title={problemTitle(code)} kept={t("problem-kept")} todo={t("problem-again")} />
  );
}

export function problemTitle(code: string): string {
  if (code === "network") return t("problem-network");
  if (code === "rules_changed") return t("problem-rules");
  if (code === "browser") return t("problem-browser");
  if (code === "too_many_requests" || code === "unavailable") return t("problem-busy");
  return t("problem-server", { code });
}
