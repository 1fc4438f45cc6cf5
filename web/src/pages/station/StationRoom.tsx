// The room on a touch screen at the counter: faces on the left, paper on the right, three choices below.
import { useEffect, useState } from "preact/hooks";
import { t } from "../../i18n";
import { Banner } from "../../room/Banner";
import { Chat } from "../../room/Chat";
import { Controls } from "../../room/Controls";
import { Documents } from "../../room/Documents";
import { newVersion } from "../../room/offer";
import { People } from "../../room/People";
import { preparePapers } from "../../room/papers";
import type { Room } from "../../room/room";
import { Stage } from "../../room/Stage";
import { Terms } from "../../room/Terms";
import { frameOf, Top } from "../../room/Top";
import { Button } from "../../ui/Button";
import type { Entry } from "../entry/entry";

const TABS = ["terms", "chat", "documents", "people"] as const;
type Tab = (typeof TABS)[number];

export function StationRoom({ entry, room }: { entry: Entry; room: Room }) {
  const [tab, setTab] = useState<Tab>("terms");
  useEffect(preparePapers, []);
  const view = room.view.value;
  if (!view) return null;
  const offer = newVersion(room, view);
  const unread = tab === "chat" ? 0 : room.unread;
  const marks: Partial<Record<Tab, number>> = { terms: offer && tab !== "terms" ? 1 : 0, chat: unread };
  return (
    <main class="room room--station" data-frame={frameOf(room)}>
      <Top room={room} />
      <Banner room={room} />
      <Stage room={room} />
      <aside class="side">
        <div class="tabs" role="tablist">
          {TABS.map((one) => (
            <button
              key={one}
              type="button"
              role="tab"
              aria-selected={tab === one}
              onClick={() => setTab(one)}
            >
              {t(`tab-${one}`)}
              {marks[one] ? <span class="control__count">{marks[one]}</span> : null}
            </button>
          ))}
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by keyboard */}
        <div class="side__body" role="tabpanel" tabIndex={0}>
          {tab === "terms" && <Terms room={room} />}
          {tab === "chat" && <Chat room={room} />}
          {tab === "documents" && <Documents room={room} />}
          {tab === "people" && (
            <div class="stack">
              <People room={room} />
              <Button
                icon="check"
                onClick={() => {
                  entry.checking.value = true;
                }}
              >
                {t("check-title")}
              </Button>
            </div>
          )}
        </div>
      </aside>
      <Controls room={room} onLeave={() => void entry.leave(room)} />
    </main>
  );
}
