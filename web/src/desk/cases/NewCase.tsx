// A new complaint record: the essential fields, each with its own error, everything kept as it is typed.
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../../i18n";
import { Problem } from "../../protocol/api";
import { Button } from "../../ui/Button";
import { Checkbox, Select, TextArea, TextField } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import { createComplaint } from "../rest";
import { CASES, caseAt, go } from "../route";
import { signedOut } from "../staff";
import {
  empty,
  type Faults,
  type Form,
  faults,
  fieldOf,
  keep,
  type Path,
  REQUIRED,
  record,
  restore,
} from "./form";
import { CHANNELS, codeName, ISSUES, SALES, SOURCES } from "./words";

const CODES = [
  "required",
  "amount",
  "too_long",
  "too_many",
  "characters",
  "format",
  "check_digit",
  "out_of_range",
  "in_the_future",
];

/** Fields that always have a value. */
const CHOSEN: readonly Path[] = ["issue_type", "channel", "source", "sales_channel"];

export function NewCase() {
  const [form, setForm] = useState<Form>(restore);
  const [wrong, setWrong] = useState<Faults>({});
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const page = useRef<HTMLFormElement>(null);

  useEffect(() => keep(form), [form]);
  useEffect(() => {
    page.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [wrong]);

  const type = (path: Path, text: string) => {
    setForm((was) => ({ ...was, texts: { ...was.texts, [path]: text } }));
    if (wrong[path]) setWrong(({ [path]: _gone, ...rest }) => rest);
  };

  const submit = async () => {
    const found = faults(form);
    setWrong(found);
    setTrouble(null);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    try {
      const made = await createComplaint(record(form), form.key);
      keep(null);
      go(caseAt(made.id));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (signedOut(error)) return;
      if (error.fields.length > 0) {
        setWrong(Object.fromEntries(error.fields.map((one) => [fieldOf(one.field), one.code])));
      } else setTrouble(error.code);
    } finally {
      setBusy(false);
    }
  };

  const field = (path: Path) => ({
    label: `${t(`desk-field-${path.replace(/[._]/g, "-")}`)}${REQUIRED.includes(path) || CHOSEN.includes(path) ? "" : ` ${t("desk-optional")}`}`,
    name: path,
    value: form.texts[path] ?? "",
    error: wrong[path] && said(wrong[path]),
    onInput: (event: { currentTarget: { value: string } }) => type(path, event.currentTarget.value),
  });
  const named = Object.keys(wrong).length;

  return (
    <form
      ref={page}
      class="newcase"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div class="stack-2">
        <h1>{t("desk-new-case")}</h1>
        <p class="quiet">{t("desk-new-case-lead")}</p>
      </div>
      <fieldset class="panel">
        <legend>{t("desk-part-case")}</legend>
        <TextField {...field("item.category")} maxLength={100} hint={t("desk-hint-category")} />
        <TextField {...field("item.brand")} maxLength={100} />
        <TextField {...field("item.model")} maxLength={100} />
        <Select
          {...select("issue_type", field)}
          options={ISSUES.map((one) => [one, codeName("issue", one)])}
        />
        <TextField {...field("amount_fen")} inputMode="decimal" hint={t("desk-hint-amount")} />
        <Select
          {...select("channel", field)}
          options={CHANNELS.map((one) => [one, codeName("channel", one)])}
        />
        <Select {...select("source", field)} options={SOURCES.map((one) => [one, codeName("source", one)])} />
        <TextField
          {...field("region_code")}
          inputMode="numeric"
          maxLength={12}
          hint={t("desk-hint-region")}
        />
      </fieldset>
      <fieldset class="panel">
        <legend>{t("desk-part-consumer")}</legend>
        <TextField {...field("consumer.name")} autoComplete="off" />
        <TextField {...field("consumer.phone")} inputMode="tel" autoComplete="off" />
        <div class="wide">
          <TextField {...field("consumer.address")} autoComplete="off" />
        </div>
        <TextField {...field("consumer.id_number")} autoComplete="off" hint={t("desk-hint-id")} />
        <div class="wide stack-2">
          <Checkbox checked={form.publication} onChange={(on) => setForm({ ...form, publication: on })}>
            {t("desk-field-publication")}
          </Checkbox>
          <Checkbox checked={form.entrustment} onChange={(on) => setForm({ ...form, entrustment: on })}>
            {t("desk-field-entrustment")}
          </Checkbox>
        </div>
      </fieldset>
      <fieldset class="panel">
        <legend>{t("desk-part-merchant")}</legend>
        <TextField {...field("merchant.name")} autoComplete="off" />
        <TextField {...field("merchant.contact")} autoComplete="off" />
        <div class="wide">
          <TextField {...field("merchant.address")} autoComplete="off" />
        </div>
        <TextField {...field("merchant.credit_code")} maxLength={18} hint={t("desk-hint-credit")} />
      </fieldset>
      <fieldset class="panel">
        <legend>{t("desk-part-purchase")}</legend>
        <TextField {...field("purchased_on")} type="date" />
        <Select
          {...select("sales_channel", field)}
          options={SALES.map((one) => [one, codeName("sales", one)])}
        />
        <TextField {...field("order_number")} />
      </fieldset>
      <fieldset class="panel">
        <legend>{t("desk-part-facts")}</legend>
        <div class="wide">
          <TextArea {...field("facts")} rows={5} />
        </div>
        <div class="wide">
          <TextArea {...field("requests")} rows={3} hint={t("desk-hint-requests")} />
        </div>
      </fieldset>
      {wrong[""] && <Notice kind="error" title={wrong[""]} />}
      {named > 0 && (
        <Notice kind="error" title={t("desk-fields-wrong", { count: named })} kept={t("desk-kept")} />
      )}
      {trouble && (
        <Notice
          kind="error"
          title={t(trouble === "network" ? "desk-no-answer" : "desk-save-failed")}
          kept={t("desk-kept")}
          todo={t("desk-try-again")}
        />
      )}
      <div class="newcase__end">
        <Button kind="primary" type="submit" busy={busy}>
          {t("desk-create")}
        </Button>
        <Button onClick={() => go(CASES)}>{t("desk-later")}</Button>
        <span class="grow" />
        <Button
          kind="plain"
          onClick={() => {
            setForm(empty());
            setWrong({});
          }}
        >
          {t("desk-clear")}
        </Button>
      </div>
    </form>
  );
}

/** A field's error in words. */
function said(code: string): string {
  return t(`desk-fault-${CODES.includes(code) ? code.replace(/_/g, "-") : "unknown"}`);
}

/** A select hears `change`; older browsers don't tell `input`. */
function select<F extends { onInput: unknown }>(path: Path, field: (path: Path) => F) {
  const { onInput, ...rest } = field(path);
  return { ...rest, onChange: onInput } as Omit<F, "onInput"> & { onChange: F["onInput"] };
}
