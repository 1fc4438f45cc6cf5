// Why a signing came to nothing, in a sentence for those who were to sign; the others learn no more than
// that it was not signed.
import { t } from "../i18n";
import type { View } from "../protocol/types";

export function whyUnsigned({ signing_broken: broken, me }: View): string {
  if (!broken) return t("signing-ended");
  const { by, why, reason } = broken;
  const name = by === me.person ? t("you-sentence") : (broken.name ?? t("somebody"));
  if (why !== "declined") return t(`signing-broken-${why}`, { name });
  if (reason === "") return t("signing-broken-declined", { name });
  // What the page itself says when the document doesn't hold together.
  const said = reason === "mismatch" ? t("signing-broken-mismatch") : reason;
  return t("signing-broken-because", { name, reason: said });
}
