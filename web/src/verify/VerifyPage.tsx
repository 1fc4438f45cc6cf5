// Works for a judge and for a grandmother: the verdict in one sentence, what was agreed, every check with
// its reason, and what all this does not prove.
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n";
import { moment } from "../i18n/dates";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Notice } from "../ui/Notice";
import { Progress } from "../ui/Progress";
import { Preferences } from "../ui/prefs";
import { Lines } from "./Lines";
import { Paper } from "./Paper";
import { begin, bringPolicy, busy, type Checked, check, policyFrom, type Step, step } from "./page.ts";
import { VerdictCard } from "./VerdictCard";

export function VerifyPage() {
  useEffect(() => void begin(), []);
  const now = step.value;
  return (
    <div class="verify">
      <header class="verify__top no-print">
        <a class="brand" href="/">
          <span class="verify__mark" aria-hidden="true">
            和
          </span>
          {t("brand")}
        </a>
        <Preferences />
      </header>
      <main class="verify__main">
        {now.at === "checked" ? <Result checked={now.checked} /> : <Before now={now} />}
      </main>
    </div>
  );
}

function Before({ now }: { now: Step }) {
  if (now.at === "looking") return <Progress label={t("verify-looking")} />;
  return (
    <>
      {now.at === "start" && (
        <div class="verify__intro">
          <h1>{t("verify-title")}</h1>
          <p class="lead quiet">{t("verify-lead")}</p>
        </div>
      )}
      {now.at === "missing" && (
        <Notice kind="error" title={t("verify-missing")} todo={t("verify-missing-todo")} />
      )}
      {now.at === "offline" && (
        <Notice kind="error" title={t("verify-offline")} todo={t("verify-offline-todo")} />
      )}
      {now.at === "sealed" && <Sealed now={now} />}
      <Bring />
      <NotProved />
    </>
  );
}

/** In the log, but not public: says so, and asks for the file. */
function Sealed({ now }: { now: Extract<Step, { at: "sealed" }> }) {
  const { commitment, head } = now;
  const good = commitment.holds && head !== "differs";
  const { index, checkpoint } = commitment.proof;
  return (
    <section class={`verdict verdict--${good ? "neutral" : "invalid"}`}>
      <span class="verdict__sign">
        <Icon name={good ? "lock" : "warn"} />
      </span>
      <div class="stack-2">
        <h1>{t(good ? "verify-sealed" : "verify-sealed-broken")}</h1>
        <p>{t(good ? "verify-sealed-what" : "verify-sealed-broken-what")}</p>
        <p class="small quiet">
          {t("verify-entry", { index, size: checkpoint.size, origin: checkpoint.origin })}
          {commitment.cosigned > 0 && ` ${t("verify-cosigned", { count: commitment.cosigned })}`}
        </p>
        {head && <p class="small">{t(`verify-head-${head.replace("_", "-")}`)}</p>}
      </div>
    </section>
  );
}

/** A file chosen or dropped, or its text pasted. */
function Bring() {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [pasting, setPasting] = useState(false);
  const [text, setText] = useState("");
  const take = async (file: File | undefined) => {
    if (file) await check(new Uint8Array(await file.arrayBuffer()), "file");
  };
  return (
    <section
      class="bring no-print"
      data-over={over}
      aria-label={t("verify-bring")}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void take(event.dataTransfer?.files[0]);
      }}
    >
      <input
        ref={input}
        type="file"
        hidden
        accept=".json,application/json"
        onChange={(event) => {
          void take(event.currentTarget.files?.[0]);
          event.currentTarget.value = "";
        }}
      />
      <p>{t("verify-bring-what")}</p>
      <div class="bring__ways">
        <Button kind="primary" icon="folder" busy={busy.value} onClick={() => input.current?.click()}>
          {t("verify-choose")}
        </Button>
        <Button icon="copy" aria-expanded={pasting} onClick={() => setPasting(!pasting)}>
          {t("verify-paste")}
        </Button>
      </div>
      {pasting && (
        <form
          class="stack-2"
          onSubmit={(event) => {
            event.preventDefault();
            void check(new TextEncoder().encode(text.trim()), "paste");
          }}
        >
          <textarea
            class="input mono"
            rows={5}
            aria-label={t("verify-paste-label")}
            placeholder={t("verify-paste-label")}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <Button kind="primary" type="submit" disabled={!text.trim()} busy={busy.value}>
            {t("verify-check")}
          </Button>
        </form>
      )}
      <p class="small quiet">{t("verify-private")}</p>
    </section>
  );
}

function Result({ checked }: { checked: Checked }) {
  const { verified, document, letter } = checked;
  const heading = useRef<HTMLDivElement>(null);
  useEffect(() => {
    heading.current?.focus();
    scrollTo(0, 0);
  }, [checked]);
  return (
    <>
      <div ref={heading} tabIndex={-1} class="verify__result">
        <VerdictCard checked={checked} />
      </div>
      {letter === "differs" && <Notice kind="error" title={t("verify-letter-differs")} />}
      {letter === "agrees" && <Notice kind="done" title={t("verify-letter-agrees")} />}
      {document && (
        <Paper document={document} trusted={verified.verdict === "valid" && letter !== "differs"} />
      )}
      <Lines lines={verified.lines} />
      <NotProved />
      <Basis />
      <div class="verify__end no-print">
        <Button icon="print" onClick={() => print()}>
          {t("verify-print")}
        </Button>
        <Button
          icon="back"
          onClick={() => {
            step.value = { at: "start" };
          }}
        >
          {t("verify-another")}
        </Button>
      </div>
    </>
  );
}

function NotProved() {
  const sentences = ["identity", "freedom", "explained", "performed", "enforced"] as const;
  return (
    <section class="notproved">
      <h2>{t("verify-not-proved")}</h2>
      <ul>
        {sentences.map((one) => (
          <li key={one}>{t(`verify-not-${one}`)}</li>
        ))}
      </ul>
    </section>
  );
}

/** Whom this page trusts, and how to trust somebody else. */
function Basis() {
  const input = useRef<HTMLInputElement>(null);
  const [wrong, setWrong] = useState(false);
  const take = async (file: File | undefined) => {
    if (!file) return;
    const good = await bringPolicy(new Uint8Array(await file.arrayBuffer()));
    setWrong(!good);
    if (good) step.value = { at: "start" };
  };
  return (
    <section class="basis small quiet">
      <p>{t(`verify-basis-${policyFrom.value}`)}</p>
      <p class="no-print">
        <input
          ref={input}
          type="file"
          hidden
          accept=".json,application/json"
          onChange={(event) => void take(event.currentTarget.files?.[0])}
        />
        <button type="button" class="link" onClick={() => input.current?.click()}>
          {t("verify-other-policy")}
        </button>
      </p>
      {wrong && <Notice kind="error" title={t("verify-policy-wrong")} />}
      <p class="print-only">{t("verify-printed", { time: moment(Date.now()) })}</p>
    </section>
  );
}
