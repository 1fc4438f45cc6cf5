// The verdict in one sentence.
import { t } from "../i18n";
import { moment } from "../i18n/dates";
import { Icon, type IconName } from "../ui/Icon";
import type { Checked } from "./page.ts";
import { reasonText } from "./words.ts";

const SIGNS: Record<Checked["verified"]["verdict"], IconName> = {
  valid: "check",
  invalid: "warn",
  unpinned: "info",
  erased: "info",
};

export function VerdictCard({ checked }: { checked: Checked }) {
  const { verified, document } = checked;
  // The letter in hand is about another document: whatever the file is, it is not that one.
  const verdict = checked.letter === "differs" ? "invalid" : verified.verdict;
  const failed = verified.lines.filter((line) => line.status === "failed");
  const [first] = failed;
  return (
    <section
      class={`verdict verdict--${verdict === "unpinned" || verdict === "erased" ? "neutral" : verdict}`}
    >
      <span class="verdict__sign">
        <Icon name={SIGNS[verdict]} />
      </span>
      <div class="stack-2">
        <p class="small quiet">{t(checked.from === "public" ? "verify-of-public" : "verify-of-file")}</p>
        <h1>{t(`verify-verdict-${verdict}`)}</h1>
        {verdict === "valid" && document?.sealedAt != null && (
          <p>{t("verify-sealed-at", { time: moment(document.sealedAt) })}</p>
        )}
        {first ? (
          <p>{reasonText(first)}</p>
        ) : (
          verdict !== "valid" && <p>{t(`verify-verdict-${verdict}-what`)}</p>
        )}
        {failed.length > 1 && <p class="small">{t("verify-failed-more", { count: failed.length - 1 })}</p>}
      </div>
    </section>
  );
}
