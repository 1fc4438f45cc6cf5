// The last of the checks: the network in one verdict, the ways to the server with their numbers, and what
// was found of the devices before.
import type { ComponentChild } from "preact";
import { t } from "../../../i18n";
import type { Trial, Way } from "../../../media/trial";
import { Button } from "../../../ui/Button";
import { Icon, type IconName } from "../../../ui/Icon";
import { Notice } from "../../../ui/Notice";
import { Progress } from "../../../ui/Progress";
import type { Entry } from "../entry";
import { Frame } from "../Frame";
import { NetworkBad, NetworkGood } from "../NetworkLine";
import { WAYS } from "./verdict";

/** What works of somebody's own device, as far as they went. */
export interface Findings {
  camera?: boolean;
  microphone?: boolean;
  speaker?: boolean;
}

export function NetworkTrial(props: {
  entry: Entry;
  where: ComponentChild;
  findings: Findings;
  close: () => void;
}) {
  const { entry, findings } = props;
  const network = entry.network.value;
  const running = network?.running.value ?? null;
  const trials = network?.trials.value ?? {};
  const asking = !network || running !== null;
  return (
    <Frame
      where={props.where}
      title={t(asking ? "check-network-now" : "check-network")}
      actions={
        <div class="choice choice--even">
          <Button busy={asking} onClick={() => void network?.again()}>
            {t("again")}
          </Button>
          <Button kind="primary" onClick={props.close}>
            {t("check-done")}
          </Button>
        </div>
      }
    >
      {asking ? (
        <Progress label={t("check-network-what")} />
      ) : (
        <>
          <NetworkGood entry={entry} />
          <NetworkBad entry={entry} />
          {network?.verdict.value === "unknown" && (
            <Notice title={t("network-unknown")} todo={t("network-unknown-todo")} />
          )}
        </>
      )}
      <ul class="findings">
        {WAYS.map((way) => (
          <WayLine key={way} way={way} trial={trials[way]} running={running === way} />
        ))}
      </ul>
      <ul class="findings">
        {(["camera", "microphone", "speaker"] as const).map((thing) => (
          <Line
            key={thing}
            sign={findings[thing] ? "check" : "info"}
            name={t(`check-of-${thing}`)}
            said={t(findings[thing] ? "check-works" : `check-not-${thing}`)}
          />
        ))}
      </ul>
    </Frame>
  );
}

function WayLine({ way, trial, running }: { way: Way; trial: Trial | undefined; running: boolean }) {
  const name = t(`way-${way}`);
  if (trial?.is === "through") {
    const { roundTrip, loss } = trial;
    const numbers = [
      roundTrip !== null && t("way-delay", { ms: roundTrip }),
      loss !== null && t("way-loss", { percent: Math.round(loss * 100) }),
    ].filter(Boolean);
    return <Line sign="check" name={name} said={numbers.join(t("list-comma")) || t("way-through")} />;
  }
  const said = trial ? `way-${trial.is}` : running ? "way-running" : "way-next";
  return <Line sign={trial?.is === "blocked" ? "warn" : "info"} name={name} said={t(said)} />;
}

function Line({ sign, name, said }: { sign: IconName; name: string; said: string }) {
  return (
    <li data-sign={sign}>
      <Icon name={sign} />
      <span class="grow">{name}</span>
      <span class="quiet">{said}</span>
    </li>
  );
}
