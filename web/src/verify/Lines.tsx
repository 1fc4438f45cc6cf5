// Every check with its result and its reason, in words and with a sign.
import { t } from "../i18n";
import type { Line, Status } from "./verdict.ts";
import { GROUPS, lineTitle, reasonText } from "./words.ts";

const SIGNS: Record<Status, string> = { ok: "✓", failed: "✗", absent: "–", unchecked: "?" };

export function Lines({ lines }: { lines: Line[] }) {
  return (
    <section class="lines">
      <h2>{t("verify-lines")}</h2>
      {GROUPS.map((group) => (
        <div key={group.name} class="lines__group">
          <h3>{t(`verify-group-${group.name}`)}</h3>
          <ul>
            {lines
              .filter((line) => group.lines.includes(line.id))
              .map((line) => (
                <li key={line.id} data-status={line.status}>
                  <span class="lines__sign" role="img" aria-label={t(`verify-status-${line.status}`)}>
                    {SIGNS[line.status]}
                  </span>
                  <span class="lines__title">{lineTitle(line.id)}</span>
                  <span class="lines__reason">{reasonText(line)}</span>
                </li>
              ))}
          </ul>
        </div>
      ))}
    </section>
  );
}
