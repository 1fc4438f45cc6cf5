// The public home: what this place is, and the doors to it.
import "./home.css";
import { signal } from "@preact/signals";
import { t } from "../../i18n";
import { type About, about } from "../../protocol/api";
import { Icon, type IconName } from "../../ui/Icon";
import icon from "../../ui/icon.svg";
import { open } from "../../ui/page";
import { Preferences } from "../../ui/prefs";

const told = signal<About | null>(null);

function Home() {
  return (
    <div class="home">
      <header class="home__top">
        <span class="brand">
          <img src={icon} alt="" width="28" height="28" />
          {told.value?.name ?? t("brand")}
        </span>
        <Preferences />
      </header>
      <main class="home__main">
        <section class="home__say">
          <h1>{t("home-title")}</h1>
          <p class="lead">{t("home-what")}</p>
          {told.value?.sample && <p class="badge badge--sample">{t("home-sample")}</p>}
        </section>
        <ol class="home__way">
          {(["meet", "agree", "sign", "check"] as const).map((step) => (
            <li key={step}>
              <h2>{t(`home-${step}`)}</h2>
              <p class="quiet">{t(`home-${step}-what`)}</p>
            </li>
          ))}
        </ol>
        <nav class="home__doors" aria-label={t("home-doors")}>
          <Door href="/verify" icon="check" name={t("home-verify")} what={t("home-verify-what")} />
          <Door href="/station" icon="screen" name={t("home-station")} what={t("home-station-what")} />
          <Door href="/desk" icon="people" name={t("home-desk")} what={t("home-desk-what")} />
        </nav>
        <p class="home__link card">
          <Icon name="info" />
          <span>{t("home-link")}</span>
        </p>
      </main>
      <footer class="home__foot small quiet">
        <p>{t("home-law")}</p>
        <p>
          <a href="/api/v1/policy">{t("home-policy")}</a> · <a href="/log/checkpoint">{t("home-log")}</a>
        </p>
      </footer>
    </div>
  );
}

function Door(props: { href: string; icon: IconName; name: string; what: string }) {
  return (
    <a class="door" href={props.href}>
      <Icon name={props.icon} />
      <span>
        <span class="strong">{props.name}</span>
        <span class="small quiet">{props.what}</span>
      </span>
      <Icon name="next" />
    </a>
  );
}

void open(Home, {
  zh: [() => import("../../i18n/zh/common.ftl?raw"), () => import("../../i18n/zh/home.ftl?raw")],
  en: [() => import("../../i18n/en/common.ftl?raw"), () => import("../../i18n/en/home.ftl?raw")],
}).then(async () => {
  told.value = await about().catch(() => null);
});
