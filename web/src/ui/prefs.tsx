// Language and large text, one tap away on every page.
import { signal } from "@preact/signals";
import { chooseLanguage, language, t } from "../i18n";

const REMEMBERED = "hejie.text";
export const largeText = signal(false);

/** Reads the remembered text size and applies it. Called once, before the first render. */
export function restoreText(): void {
  try {
    setLargeText(localStorage.getItem(REMEMBERED) === "large");
  } catch {
    // Without storage the page starts at the normal size.
  }
}

export function setLargeText(large: boolean): void {
  largeText.value = large;
  if (large) document.documentElement.dataset.text = "large";
  else delete document.documentElement.dataset.text;
  try {
    if (large) localStorage.setItem(REMEMBERED, "large");
    else localStorage.removeItem(REMEMBERED);
  } catch {
    // It then lasts for this page.
  }
}

export function Preferences() {
  const other = language.value === "zh" ? "en" : "zh";
  return (
    <div class="prefs">
      <button type="button" aria-pressed={largeText.value} onClick={() => setLargeText(!largeText.value)}>
        {t("large-text-short")}
        <span class="visually-hidden"> {t("large-text")}</span>
      </button>
      <button type="button" lang={other === "zh" ? "zh-CN" : "en"} onClick={() => void chooseLanguage(other)}>
        {other === "zh" ? "中文" : "English"}
      </button>
    </div>
  );
}
