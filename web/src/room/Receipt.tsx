// The agreement is signed: what was agreed, where to check it, and a copy to keep. The file is the
// original; the printed page is a rendering of it.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n";
import { moment } from "../i18n/dates";
import { bundle as fetchBundle } from "../protocol/api";
import type { Term, View } from "../protocol/types";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import { Progress } from "../ui/Progress";
import { QrCode } from "../ui/QrCode";
import { Seal } from "../ui/Seal";
import type { Room } from "./room";
import { verifyLink } from "./signing";
import { Sentences } from "./Terms";

type Copy = { text: string; link: string } | "failed" | null;

export function Receipt({ room }: { room: Room }) {
  const view = room.view.value;
  const [copy, setCopy] = useState<Copy>(null);
  const [asked, setAsked] = useState(0);
  const head = useRef<HTMLElement>(null);
  const outcome = view?.outcome;
  const device = view?.me.device;
  useEffect(() => {
    if (!outcome?.included || !device) return;
    fetchBundle(device).then(
      async (got) => setCopy({ text: JSON.stringify(got), link: await verifyLink(outcome.outcome, got) }),
      () => setCopy("failed"),
    );
  }, [outcome?.outcome, outcome?.included, asked]);
  // It comes where somebody has just signed, at the end of a long page, and grows once the copy is there.
  useLayoutEffect(() => head.current?.scrollIntoView({ block: "start" }), [copy !== null]);
  if (!view || !outcome) return null;
  const terms = agreed(view);
  return (
    <article class="receipt stack">
      <header ref={head} class="receipt__head">
        <div class="stack-2 grow">
          <h1>{t("receipt-title")}</h1>
          <p>{t("receipt-what", { number: view.number })}</p>
          <p class="small quiet">{moment(outcome.at)}</p>
        </div>
        <Seal name={t("brand")} set label={t("receipt-sealed")} />
      </header>
      <section class="letter">
        <Sentences terms={terms} reader={view.me.role} formal />
      </section>
      {copy === null && <Progress label={outcome.included ? t("receipt-fetching") : t("receipt-logging")} />}
      {copy === "failed" && (
        <Notice
          kind="error"
          title={t("receipt-failed")}
          kept={t("receipt-failed-kept")}
          actions={<Button onClick={() => setAsked(asked + 1)}>{t("again")}</Button>}
        />
      )}
      {copy !== null && copy !== "failed" && (
        <>
          <div class="receipt__keep no-print">
            <Button kind="primary" wide icon="save" onClick={() => save(copy.text, view.number)}>
              {t("receipt-save")}
            </Button>
            <Button wide icon="print" onClick={() => window.print()}>
              {t("receipt-print")}
            </Button>
          </div>
          <section class="receipt__check">
            <QrCode text={copy.link} label={t("receipt-qr")} />
            <div class="stack-2">
              <p>{t("receipt-check")}</p>
              <a href={copy.link} target="_blank" rel="noreferrer" class="small mono">
                {copy.link}
              </a>
            </div>
          </section>
          <p class="small quiet">{t("receipt-original")}</p>
        </>
      )}
      <p class="small quiet">{t("document-force")}</p>
    </article>
  );
}

/** The terms that were signed: those of the version the ceremony was about, else the newest. */
function agreed(view: View): Term[] {
  const versions = view.draft?.versions ?? [];
  const version =
    versions.find((one) => one.version === view.signing?.version) ?? versions[versions.length - 1];
  return version?.terms ?? [];
}

/** Hands the file to the phone's share sheet where that takes files, else downloads it. */
async function save(text: string, number: string): Promise<void> {
  const name = `hejie-${number.replace(/[^\w-]/g, "")}.json`;
  const file = new File([text], name, { type: "application/json" });
  const can = navigator as Navigator & { canShare?: (what: { files: File[] }) => boolean };
  if (/Mobi/.test(navigator.userAgent) && can.canShare?.({ files: [file] })) {
    try {
      await navigator.share({ files: [file] } as ShareData);
      return;
    } catch {
      // Closed, or not allowed after all: download instead.
    }
  }
  const url = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
