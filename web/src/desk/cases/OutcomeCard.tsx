// A signed outcome on the record: checked in this browser at a touch, saved, or looked at in full on the
// verify page.
import { useState } from "preact/hooks";
import { t } from "../../i18n";
import { moment } from "../../i18n/dates";
import type { ComplaintId } from "../../protocol/types";
import { verifyLink } from "../../room/signing";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Seal } from "../../ui/Seal";
import type { Verdict } from "../../verify/verdict";
import { type OutcomeEntry, outcomeBundle, policy } from "../rest";
import { saveText } from "../save";

type Result = { verdict: Verdict; link: string } | "checking" | "failed" | null;

export function OutcomeCard(props: { complaint: ComplaintId; number: string; outcome: OutcomeEntry }) {
  const { complaint, number, outcome } = props;
  const [result, setResult] = useState<Result>(null);
  const [saving, setSaving] = useState(false);

  const check = async () => {
    setResult("checking");
    try {
      const [{ verify }, { readPolicy }] = await Promise.all([
        import("../../verify/verify"),
        import("../../verify/policy"),
      ]);
      const [bundle, trusted] = await Promise.all([outcomeBundle(complaint, outcome.outcome), policy()]);
      const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
      const { verdict } = await verify(bytes(bundle), await readPolicy(bytes(trusted)));
      setResult({ verdict, link: await verifyLink(outcome.outcome, bundle) });
    } catch {
      setResult("failed");
    }
  };
  const download = async () => {
    setSaving(true);
    try {
      saveText(`hejie-${number}.json`, JSON.stringify(await outcomeBundle(complaint, outcome.outcome)));
    } catch {
      setResult("failed");
    }
    setSaving(false);
  };

  return (
    <article class="panel outcome">
      <Seal name={t("brand")} set label={t("desk-outcome-sealed")} />
      <div class="stack-2 grow">
        <span class="strong">{t("desk-outcome")}</span>
        <span class="small quiet">{moment(outcome.at)}</span>
        <span class="small mono quiet">{outcome.outcome}</span>
        <div class="row-wrap">
          <Button icon="check" busy={result === "checking"} onClick={() => void check()}>
            {t("desk-outcome-check")}
          </Button>
          <Button icon="save" busy={saving} onClick={() => void download()}>
            {t("desk-outcome-save")}
          </Button>
        </div>
        {result === "failed" && (
          <Notice kind="error" title={t("desk-load-failed")} todo={t("desk-try-again")} />
        )}
        {result !== null && typeof result === "object" && (
          <Notice
            kind={result.verdict === "valid" ? "done" : "error"}
            title={t(`desk-verdict-${result.verdict}`)}
            actions={
              <a href={result.link} target="_blank" rel="noreferrer">
                {t("desk-outcome-lines")}
              </a>
            }
          />
        )}
      </div>
    </article>
  );
}
