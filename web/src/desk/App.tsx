// Which page of the desk is shown, and the frame around all but the room.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../i18n";
import { Button } from "../ui/Button";
import { Progress } from "../ui/Progress";
import { Preferences } from "../ui/prefs";
import { CaseList } from "./cases/CaseList";
import { CasePage } from "./cases/CasePage";
import { NewCase } from "./cases/NewCase";
import { RoomPage } from "./room/RoomPage";
import { CASES, follow, followHistory, path } from "./route";
import { SignIn } from "./SignIn";
import { begin, leave, me } from "./staff";

export function App() {
  useEffect(() => {
    followHistory();
    void begin();
  }, []);
  const [, , where = "", id = ""] = path.value.split("/");
  if (where === "room" && id) return <RoomPage key={id} device={id} />;
  if (me.value === undefined) {
    return (
      <main class="desk-center">
        <Progress label={t("desk-asking")} />
      </main>
    );
  }
  if (me.value === null) return <SignIn />;
  return <Frame>{page(where, id)}</Frame>;
}

function page(where: string, id: string) {
  if (where === "complaints" && id === "new") return <NewCase />;
  if (where === "complaints" && id) return <CasePage key={id} id={id} />;
  return <CaseList />;
}

function Frame({ children }: { children: ComponentChildren }) {
  return (
    <div class="desk">
      <header class="desk-top">
        <a class="brand" {...follow(CASES)}>
          <span class="desk-mark" aria-hidden="true">
            和
          </span>
          {t("brand")}
        </a>
        <span class="desk-top__where">{t("desk-title")}</span>
        <span class="grow" />
        <Preferences />
        <span class="desk-top__who">{me.value?.display_name}</span>
        <Button kind="plain" icon="leave" onClick={() => void leave()}>
          {t("desk-sign-out")}
        </Button>
      </header>
      <main class="desk-main">{children}</main>
    </div>
  );
}
