// An amount with its unit; `words` adds it in words, as where somebody signs.
import { language } from "../i18n";
import { figures, words } from "../i18n/money";

export function Money(props: { fen: number; words?: boolean; display?: boolean }) {
  return (
    <>
      <span class={`money ${props.display ? "money--display" : ""}`}>{figures(props.fen)}</span>
      {props.words && <span class="money__words">{words(props.fen, language.value)}</span>}
    </>
  );
}
