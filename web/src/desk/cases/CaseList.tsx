// The cases, newest first, with search. What presses stands out by words, not by colour alone.
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../../i18n";
import { day, dayOf } from "../../i18n/dates";
import { figures } from "../../i18n/money";
import { Problem } from "../../protocol/api";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Notice } from "../../ui/Notice";
import { Progress } from "../../ui/Progress";
import { type ComplaintSummary, complaints } from "../rest";
import { caseAt, follow, go, NEW_CASE } from "../route";
import { me, signedOut } from "../staff";
import { stateName } from "./words";

type Found = { items: ComplaintSummary[]; next: string | null } | "failed" | null;

export function CaseList() {
  const [query, setQuery] = useState("");
  const [found, setFound] = useState<Found>(null);
  const [asked, setAsked] = useState(0);
  const search = useRef<HTMLInputElement>(null);

  useEffect(() => {
    let current = true;
    const wait = setTimeout(
      () =>
        complaints(query.trim()).then(
          (page) => current && setFound(page),
          (error: unknown) => {
            if (current && !signedOut(error)) setFound("failed");
          },
        ),
      query ? 200 : 0,
    );
    return () => {
      current = false;
      clearTimeout(wait);
    };
  }, [query, asked]);

  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "/") {
        event.preventDefault();
        search.current?.focus();
      }
      if (event.key === "n") go(NEW_CASE);
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, []);

  const more = async (page: { items: ComplaintSummary[]; next: string | null }) => {
    if (!page.next) return;
    try {
      const next = await complaints(query.trim(), page.next);
      setFound({ items: [...page.items, ...next.items], next: next.next });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (!signedOut(error)) setFound("failed");
    }
  };

  return (
    <div class="cases">
      <div class="cases__head">
        <div class="stack-2 grow">
          <h1>{t("desk-cases")}</h1>
          <p class="quiet">{t("desk-hello", { name: me.value?.display_name ?? "" })}</p>
        </div>
        <Button kind="primary" icon="plus" onClick={() => go(NEW_CASE)}>
          {t("desk-new-case")}
        </Button>
      </div>
      <label class="search">
        <Icon name="search" />
        <input
          ref={search}
          type="search"
          placeholder={t("desk-search")}
          aria-label={t("desk-search")}
          value={query}
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
        <kbd>/</kbd>
      </label>
      {found === null && <Progress label={t("desk-loading-cases")} />}
      {found === "failed" && (
        <Notice
          kind="error"
          title={t("desk-load-failed")}
          actions={<Button onClick={() => setAsked(asked + 1)}>{t("again")}</Button>}
        />
      )}
      {found !== null && found !== "failed" && (
        <>
          {found.items.length === 0 ? (
            <p class="cases__none quiet">{query ? t("desk-none-found", { query }) : t("desk-no-cases")}</p>
          ) : (
            <ul class="cases__list">
              {found.items.map((one) => (
                <CaseRow key={one.id} one={one} />
              ))}
            </ul>
          )}
          {found.next && <Button onClick={() => void more(found)}>{t("desk-more")}</Button>}
        </>
      )}
    </div>
  );
}

function CaseRow({ one }: { one: ComplaintSummary }) {
  return (
    <li>
      <a class="case-row" {...follow(caseAt(one.id))}>
        <span class="case-row__main">
          <span class="case-row__subject">{one.subject}</span>
          <span class="case-row__people quiet">
            {one.consumer} <span class="faint">{t("desk-against")}</span> {one.merchant}
            {one.amount_fen ? ` · ${figures(one.amount_fen)}` : ""}
          </span>
        </span>
        <span class="case-row__tags">
          {one.sample && <span class="badge badge--sample">{t("sample-short")}</span>}
          <span class={`badge badge--${one.state}`}>{stateName(one.state)}</span>
        </span>
        <span class="case-row__when small">
          <span class="quiet">{one.number}</span>
          <span class="quiet">{day(dayOf(one.created_at))}</span>
        </span>
      </a>
    </li>
  );
}
