// How people are called on the page: by name and by what they are here.
import { t } from "../i18n";
import type { PersonId, PersonView, View } from "../protocol/types";

export function nameOf(view: View, person: PersonId): string {
  return view.people.find((one) => one.person === person)?.name ?? t("somebody");
}

/** `李女士 · 消费者`; helpers and interpreters with their side. */
export function titleOf(person: PersonView): string {
  const role = t(`role-${person.role}`);
  return person.side && (person.role === "helper" || person.role === "interpreter")
    ? t("role-of-side", { role, side: t(`role-${person.side}`) })
    : role;
}
