// The lines that I may read, and one to write. What is typed stays until it is sent, over closing the
// sheet and over a reload.
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import { clock } from "../i18n/dates";
import type { ChatLine } from "../protocol/types";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { nameOf } from "./names";
import type { Room } from "./room";

const LONGEST = 2000;

export function Chat({ room }: { room: Room }) {
  const lines = room.session.chat.value;
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    end.current?.scrollIntoView({ block: "end" });
    room.seen.value = lines.length;
  }, [lines.length]);

  const send = async () => {
    const text = room.unsent.value.trim();
    if (!text || room.sending.value) return;
    room.sending.value = true;
    const answer = await room.send({ do: "say", text });
    room.sending.value = false;
    if (answer && room.unsent.value.trim() === text) room.keep("");
  };

  return (
    <div class="chat">
      <div class="chat__lines" role="log" aria-label={t("chat")}>
        {lines.length === 0 && <p class="quiet">{t("chat-empty")}</p>}
        {lines.map((line, i) => (
          <Line key={`${line.at}-${i}`} room={room} line={line} />
        ))}
        <div ref={end} />
      </div>
      {room.session.may("say") && (
        <form
          class="chat__form"
          onSubmit={(event) => {
            event.preventDefault();
            void send();
          }}
        >
          <textarea
            class="input"
            rows={1}
            maxLength={LONGEST}
            aria-label={t("chat-write")}
            placeholder={t("chat-write")}
            value={room.unsent.value}
            onInput={(event) => room.keep(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
              event.preventDefault();
              void send();
            }}
          />
          <Button kind="primary" type="submit" busy={room.sending.value} aria-label={t("send")}>
            <Icon name="send" />
          </Button>
        </form>
      )}
    </div>
  );
}

function Line({ room, line }: { room: Room; line: ChatLine }) {
  const view = room.view.value;
  if (!view) return null;
  const mine = line.by === view.me.person;
  return (
    <div class={`line ${mine ? "line--mine" : ""} ${line.private ? "line--private" : ""}`}>
      <span class="line__head small quiet">
        {line.private && <Icon name="lock" />}
        {mine ? t("you") : nameOf(view, line.by)} · {clock(line.at)}
        {line.private && ` · ${t("private")}`}
      </span>
      <span class="line__text prose">{line.text}</span>
    </div>
  );
}
