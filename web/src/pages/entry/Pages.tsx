// The whole of a party's page, phone or station: the step at hand, whatever the layout of the room.
import type { ComponentChild } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../../i18n";
import { Progress } from "../../ui/Progress";
import { CheckPage } from "./check";
import { Devices } from "./Devices";
import type { Entry } from "./entry";
import { Frame } from "./Frame";
import { InSession, type Layout } from "./InSession";
import { Invited } from "./Invited";
import { Left } from "./Over";
import { Rules } from "./Rules";
import { Trouble, Unfit } from "./Troubles";

export function Pages(props: { entry: Entry; layout: Layout; idle: ComponentChild }) {
  const { entry } = props;
  const step = entry.step.value;
  useEffect(() => window.scrollTo(0, 0), [step.at]);
  switch (step.at) {
    case "loading":
      return (
        <Frame title={t("opening")}>
          <Progress label={t("opening-what")} />
        </Frame>
      );
    case "idle":
      return <>{props.idle}</>;
    case "unfit":
      return <Unfit lacks={step.lacks} />;
    case "trouble":
      return <Trouble entry={entry} code={step.code} />;
    case "invited":
      return <Invited entry={entry} />;
    case "rules":
      return <Rules entry={entry} />;
    case "devices":
      return entry.checking.value ? <CheckPage entry={entry} /> : <Devices entry={entry} />;
    case "room":
      return (
        <InSession key={step.room.session.device} entry={entry} room={step.room} layout={props.layout} />
      );
    case "left":
      return <Left entry={entry} />;
  }
}
