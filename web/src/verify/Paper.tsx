// The document as it can be read from the file: terms, people, seals. Kept-back fields are shown as such.
import { language, t } from "../i18n";
import { moment } from "../i18n/dates";
import { words } from "../i18n/money";
import type { IdentityCheck } from "../protocol/types";
import { sentence } from "../room/sentence";
import { Notice } from "../ui/Notice";
import { Seal } from "../ui/Seal";
import type { Readable, ReadableParty } from "./readable.ts";

const CHECKS: readonly IdentityCheck[] = [
  "document_seen",
  "known_in_person",
  "station_staff",
  "details_matched",
  "account",
  "not_checked",
];

export function Paper({ document: doc, trusted }: { document: Readable; trusted: boolean }) {
  return (
    <article class="sheet-paper" aria-label={t("document-title")}>
      {!trusted && <Notice kind="error" title={t("verify-paper-untrusted")} />}
      <header>
        <h2>{t("document-title")}</h2>
        <p>{doc.subject ?? t("verify-kept-subject")}</p>
        <p class="small quiet">
          {[doc.number && t("document-number", { number: doc.number }), doc.agency ?? doc.issuer]
            .filter(Boolean)
            .join(" · ")}
        </p>
      </header>
      <ol class="sheet-paper__terms">
        {doc.terms.map((term, i) => (
          <li key={i}>
            <p class="sheet-paper__term">{sentence({ ...term, text: term.text ?? "" }, "mediator", true)}</p>
            {term.amount_fen !== null && <p class="small quiet">{words(term.amount_fen, language.value)}</p>}
            {term.text === null ? (
              <Kept what="text" />
            ) : (
              term.text && <p class="sheet-paper__own">{term.text}</p>
            )}
          </li>
        ))}
      </ol>
      <ul class="sheet-paper__people">
        {doc.parties.map((party, i) => (
          <Person key={i} party={party} trusted={trusted} />
        ))}
        <li>
          <Seal
            name={t("brand")}
            set={doc.sealedAt !== null && trusted}
            label={t(doc.sealedAt === null ? "verify-no-seal" : "verify-seal")}
          />
          <span class="strong">{t("verify-server")}</span>
          <span class="small quiet">{doc.issuer}</span>
          {doc.sealedAt !== null && <span class="small quiet">{moment(doc.sealedAt)}</span>}
        </li>
      </ul>
      <footer class="small quiet">
        {t(doc.publication ? "document-public" : "document-not-public")}{" "}
        {doc.ver > 1 && t("document-version", { version: doc.ver })}
        <br />
        <span class="mono">{doc.oid}</span>
      </footer>
    </article>
  );
}

function Person({ party, trusted }: { party: ReadableParty; trusted: boolean }) {
  const signed = party.signedAt !== null;
  const check = CHECKS.find((one) => one === party.identity);
  return (
    <li>
      <Seal
        name={party.name ?? t(`role-${party.role}`)}
        set={signed && trusted}
        label={t(signed ? "verify-signed" : "verify-not-signed")}
      />
      <span class="strong">{party.name ?? t(`role-${party.role}`)}</span>
      {party.name === null ? (
        <Kept what="name" />
      ) : (
        <span class="small quiet">{t(`role-${party.role}`)}</span>
      )}
      {party.party && party.party !== party.name && <span class="small quiet">{party.party}</span>}
      {check && <span class="small quiet">{t(`identity-${check}`)}</span>}
      <span class="small quiet">
        {party.signedAt === null ? t("verify-not-signed") : t("seal-set", { time: moment(party.signedAt) })}
      </span>
    </li>
  );
}

function Kept({ what }: { what: "name" | "text" }) {
  return <span class="kept">{t(`verify-kept-${what}`)}</span>;
}
