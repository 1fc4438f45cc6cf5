// Photos and receipts shown in the session. Large pictures are made smaller on the device before they
// are sent; one that fails stays here and can be sent again.
import { signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { t } from "../i18n";
import { clock } from "../i18n/dates";
import { documentUrl, Problem, upload } from "../protocol/api";
import type { DocumentView } from "../protocol/types";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Notice } from "../ui/Notice";
import { Progress } from "../ui/Progress";
import { nameOf } from "./names";
import { smaller } from "./photo";
import type { Room } from "./room";

/** What is on its way, or failed to arrive; kept while the page is open. */
const outgoing = signal<{ name: string; file: Blob; error: string | null } | null>(null);

/** The picture that is looked at. */
const looking = signal<{ name: string; url: string } | null>(null);

export function Documents({ room }: { room: Room }) {
  const view = room.view.value;
  const input = useRef<HTMLInputElement>(null);
  if (!view) return null;
  const going = outgoing.value;

  const send = async (name: string, file: Blob) => {
    outgoing.value = { name, file, error: null };
    try {
      await upload(view.me.device, name, await smaller(file));
      outgoing.value = null;
    } catch (error) {
      outgoing.value = { name, file, error: error instanceof Problem ? error.code : "unreadable" };
    }
  };

  return (
    <div class="stack">
      {room.session.may("say") && (
        <>
          <input
            ref={input}
            type="file"
            hidden
            accept="image/jpeg,image/png,image/webp,application/pdf"
            onChange={(event) => {
              const [file] = event.currentTarget.files ?? [];
              event.currentTarget.value = "";
              if (file) void send(file.name.slice(0, 100) || "photo.jpg", file);
            }}
          />
          <Button
            icon="photo"
            wide
            busy={going !== null && going.error === null}
            onClick={() => input.current?.click()}
          >
            {t("documents-add")}
          </Button>
          <p class="small quiet">{view.caucus?.inside ? t("documents-private") : t("documents-hint")}</p>
        </>
      )}
      {going && going.error === null && <Progress label={t("documents-sending", { name: going.name })} />}
      {going?.error && (
        <Notice
          kind="error"
          title={t("documents-failed", { name: going.name })}
          kept={t("documents-failed-kept")}
          todo={documentTrouble(going.error)}
          actions={
            <>
              <Button onClick={() => void send(going.name, going.file)}>{t("again")}</Button>
              <Button
                onClick={() => {
                  outgoing.value = null;
                }}
              >
                {t("drop-it")}
              </Button>
            </>
          }
        />
      )}
      {view.documents.length === 0 && <p class="quiet">{t("documents-none")}</p>}
      <ul class="documents">
        {view.documents.map((one) => (
          <Item key={one.document} room={room} document={one} />
        ))}
      </ul>
      <Viewer />
    </div>
  );
}

/** Forgets a picture that could not be sent: somebody leaves a shared screen. */
export function forgetOutgoing(): void {
  outgoing.value = null;
  looking.value = null;
}

function Item({ room, document: one }: { room: Room; document: DocumentView }) {
  const view = room.view.value;
  if (!view) return null;
  const url = documentUrl(view.me.device, one.document);
  const picture = one.media_type.startsWith("image/");
  const inside = (
    <>
      {picture ? <img src={url} alt="" loading="lazy" /> : <Icon name="letter" />}
      <span class="stack-2 grow">
        <span class="strong">{one.name}</span>
        <span class="small quiet">
          {nameOf(view, one.by)} · {clock(one.at)}
          {one.private && ` · ${t("private")}`}
        </span>
      </span>
    </>
  );
  return (
    <li>
      {picture ? (
        <button
          type="button"
          class="document"
          onClick={() => {
            looking.value = { name: one.name, url };
          }}
        >
          {inside}
        </button>
      ) : (
        <a class="document" href={url} download={one.name}>
          {inside}
        </a>
      )}
    </li>
  );
}

/** A picture over the whole page; the conversation goes on. Escape or the button closes it. */
function Viewer() {
  const shown = looking.value;
  if (!shown) return null;
  const close = () => {
    looking.value = null;
  };
  return (
    <div
      class="viewer"
      role="dialog"
      aria-label={shown.name}
      onKeyDown={(event) => {
        if (event.key === "Escape") close();
      }}
    >
      <img src={shown.url} alt={shown.name} />
      <Button icon="close" autoFocus onClick={close}>
        {t("close")}
      </Button>
    </div>
  );
}

function documentTrouble(code: string): string {
  if (code === "network") return t("documents-trouble-network");
  if (code === "too_large" || code === "status_413") return t("documents-trouble-large");
  return t("documents-trouble-kind");
}
